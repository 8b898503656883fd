"""Run hipform over clips with known answers and write down how right it was; `__main__` lists the commands.

.. code-block:: text

    manifest.csv, clips        clips.py         which clips there are and what is known of each (`Entry`)
    NAME.json, NAME.csv        truth.py         truth of a rendered clip, in hipform's measures and signs
           |
           v
    runs.py                    landmarks (cached), analysis, recognition of one clip (`Outcome`)
           |
           v
    labels.py, label_tables.py        real people, joints placed by eye; label_tables.py is the section of the page
    angles.py  reps.py  verdicts.py  recognition.py  crossing.py  ablation.py  low_back.py
           |                   each compares one aspect with the truth
           v
    evaluation.py              all of it, clip by clip (`Evaluation`)
           |
           v
    overall_figures.py         one number under each name (figures.py), for the JSON file and ``--compare``
    page.py                    the measured sections, with claims.py, *_tables.py and markdown.py
    accuracy_page.py           docs/accuracy.md, docs/accuracy_tables.md and the CSV files, each section alone

    fast.py, fast_page.py      docs/fast.md: fast mode against every frame   } both compare recordings
    segments.py                docs/segments.md: segments against one run    } by agreement.py
    command_line.py            options that the three commands share
"""
