"""From landmarks to signed clinical angles: tracking, measured side, camera direction and uncertainty.

Every measure declares its sign where it is computed (`hipform.kinematics.measures`); docs/how_it_works.md holds the
table.

Forward is the direction that the lifter's front faces. Measures of the arm belong to the arm that holds the load, or in
bird dog to the arm that is held out.

The trunk line runs from shoulder to hip, so ``trunk_thigh_flexion_deg`` includes whatever the low back adds. It is
not the angle of the hip joint.
"""
