"""From landmarks to signed clinical angles: who is followed, from which side, how far off the side view, how sure.

Every measure declares its sign where it is computed (`hipform.kinematics.measures`); docs/how_it_works.md holds the
table.

Forward is the way the lifter's front points. Measures of the arm are those of the arm that holds the load, in bird dog
of the one that is held out.

The trunk line runs from shoulder to hip, so ``trunk_thigh_flexion_deg`` includes whatever the low back adds. It is
not the angle of the hip joint.
"""
