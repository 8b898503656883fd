"""Run hipform against damaged video and bad moments; `__main__` lists the commands.

.. code-block:: text

    what goes in                                 what runs it, one command each in __main__
    ------------                                 ------------------------------------------
    corpus.py: every odd clip (`Case`)           inputs.py
      case.py, corpus_files.py,
      corpus_formats.py, corpus_scenes.py
    clips.py: writes clips of any form           fuzz.py: mutated files of five kinds
    damaged_kinds.py: healthy files              damage.py: every bit flipped in turn
    kills.py, shortages.py, spoiled_files.py     faults.py
    steps.py: counts and stops file operations   moments.py
    phone.py, hostile_camera.py (image_server.py)  streams.py
                                                 names.py, interruptions.py, standard_streams.py,
                                                 app_kills.py, long.py
           |                                            |
           v                                            v
    probe.py   runs one command in a fork (`Outcome`) and lists the promises it broke
           |
           v
    series.py  adds up the runs of one kind  ----->  page.py  docs/reliability.md
"""
