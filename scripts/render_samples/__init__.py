"""Render lifters with known joints, angles and faults, to test hipform on; `__main__` lists the commands.

.. code-block:: text

    spec.py       what a clip shows (`ClipSpec`), drawn from a seed or given by hand
    clip_sets.py  which clips belong to a set; stills.py: single images of low backs; jobs.py: on several cores
        |
        v
    lifting_set.py   plans a set: exercises.py (declarations), plan.py (targets of a repetition),
        |            faults.py and fault_changes.py (what each fault changes), timeline.py (when)
        v
    motion/          solves the posture at each time: base.py, hinge.py, supine.py, prone.py, quadruped.py
    skeleton.py      with the joints of bodies.py (baked by bake_bodies.py); contacts.py checks the feet
        |
        +--> truth.py, rep_measures.py --> truth_files.py           NAME.csv, NAME.json
        v
    clip.py          draws each frame: wardrobe.py and shells.py (skin, clothes), equipment.py, scene.py, camera.py,
        |            mesh.py, textures.py, renderer.py and shaders.py (OpenGL), photo.py (lens and sensor)
        v
    clip_files.py    NAME.mp4, all files under their names once they are complete
"""
