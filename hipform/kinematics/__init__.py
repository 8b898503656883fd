"""From landmarks to signed clinical angles: who is followed, from which side, how far off the side view, how sure.

Sign conventions (side view; image x right, y down):

================================  =======================================  ==============================
measure                           zero                                     positive
================================  =======================================  ==============================
``hip_flexion_deg``               shoulder-hip-knee in one straight line   thigh forward; negative = past straight
``knee_flexion_deg``              straight leg                             heel toward the buttock
``trunk_incline_deg``             trunk level                              shoulder end higher
``thigh_incline_deg``             thigh level                              knee end higher
``shin_lean_deg``                 shank vertical                           knee ahead of the ankle
``neck_extension_deg``            ear in line with the trunk               head thrown back
``hip_offset_ratio``              hip on the line shoulder-knee            hip past that line (trunk lengths)
``hip_height_ratio``              hip level with the ankle                 hip higher (trunk lengths)
================================  =======================================  ==============================

The trunk line runs from shoulder to hip, so ``hip_flexion_deg`` holds whatever the low back adds: say *trunk-thigh
angle*.
"""
