# Short names for scripts/dev.py, which also works where there is no make.
PYTHON ?= python3

.PHONY: demo test check bench

demo test check bench:
	$(PYTHON) scripts/dev.py $@
