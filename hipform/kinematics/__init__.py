"""From landmarks to signed clinical angles: who is followed, from which side, how far off the side view, how sure.

Sign conventions (side view; image x right, y down):

==========================  ======================================  =======================================
measure                     zero                                    positive
==========================  ======================================  =======================================
``hip_flexion_deg``         shoulder-hip-knee in one straight line  thigh forward; negative = past straight
``knee_flexion_deg``        straight leg                            heel toward the buttock
``trunk_incline_deg``       trunk level                             shoulder end higher
``thigh_incline_deg``       thigh level                             knee end higher
``shin_lean_deg``           shank vertical                          knee ahead of the ankle
``neck_extension_deg``      ear in line with the trunk              head thrown back
``hip_offset_ratio``        hip on the line shoulder-knee           hip past that line (trunk lengths)
``hip_height_ratio``        hip level with the ankle                hip higher (trunk lengths)
``trunk_lean_deg``          trunk upright                           trunk leaning forward
``elbow_flexion_deg``       straight arm                            elbow bent; never negative
``arm_elevation_deg``       arm along the trunk                     arm raised forward; 180 overhead
``wrist_height_ratio``      wrist level with the shoulder           wrist higher (trunk lengths)
``wrist_lift_ratio``        wrist level with the ankle              wrist higher (trunk lengths)
``load_ahead_ratio``        wrist on the line of the leg            wrist ahead of it (thigh lengths)
``shoulder_height_ratio``   shoulder level with the ankle           shoulder higher (trunk lengths)
``other_hip_flexion_deg``   as ``hip_flexion_deg``, other leg       as ``hip_flexion_deg``
``other_knee_flexion_deg``  as ``knee_flexion_deg``, other leg      as ``knee_flexion_deg``
``pelvis_drop_deg``         both hips level, from the front         other hip lower
``back_hollow_ratio``       outline of the back flat                hollow; negative = rounded
``belly_bulge_ratio``       outline of the belly flat               belly rises
==========================  ======================================  =======================================

Forward is the way the lifter's front points. Measures of the arm are those of the arm that holds the load, in bird dog
of the one that is held out.

The trunk line runs from shoulder to hip, so ``hip_flexion_deg`` holds whatever the low back adds: say *trunk-thigh
angle*.
"""
