"""The postures that several exercises share. An exercise with a unique posture declares it in its own file."""

from hipform.exercises.declaration import Figure, Posture

SUPINE = Posture(
    name="supine",
    family="lying",
    may_look_standing=False,
    figure=Figure(
        rows=(
            "                  ▁▁╮",
            "             ▁▁───  │",
            "        ▁▁○──       │",
            "   ▁▁───            │",
            "●──                 │▁▁",
        ),
        row_m=0.1,
        is_level=True,
    ),
)

SUPINE_ONE_LEG = Posture(
    name="supine, one leg held out",
    family="lying",
    may_look_standing=False,
    figure=Figure(
        rows=(
            "                            ▁▁│",
            "                       ▁▁───",
            "                  ▁▁┬──",
            "             ▁▁───  │",
            "        ▁▁○──       │",
            "   ▁▁───            │",
            "●──                 │▁▁",
        ),
        row_m=0.1,
        is_level=True,
    ),
)

ON_BENCH = Posture(
    name="upper back on a bench",
    family="lying",
    may_look_standing=False,
    figure=Figure(
        rows=(
            "●───────────○─────────╮",
            "  ━━━━━━              │",
            "   ┃  ┃               │",
            "   ┃  ┃               │",
            "   ┃  ┃               │▁▁",
        ),
        row_m=0.1,
        is_level=True,
    ),
)

QUADRUPED = Posture(
    name="hands and knees, one leg held out",
    family="on all fours",
    may_look_standing=False,
    figure=Figure(
        rows=(
            "        ●",
            "─────────┬─────────○──────────────╮",
            "         │         │",
            "         │         │",
            "         │         │",
            "         │         ╰────────",
        ),
        row_m=0.1,
        is_level=True,
    ),
)

PRONE_ON_BENCH = Posture(
    name="face down on a high bench",
    family="prone",
    may_look_standing=True,
    figure=Figure(
        rows=(
            "●────────○────────────╮",
            "  ━━━━━━━",
            "   ┃   ┃",
            "   ┃   ┃",
            "   ┃   ┃",
            "   ┃   ┃",
        ),
        row_m=0.15,
        is_level=True,
    ),
)

STANDING_LOAD_IN_FRONT = Posture(
    name="standing, load in front of the thighs",
    family="standing",
    may_look_standing=True,
    figure=Figure(rows=("●", "├╮", "││", "││", "○■", "│", "│", "│", "╰─"), row_m=0.2, is_level=False),
)

STANDING_ARMS_OUT = Posture(
    name="standing, arms held out",
    family="standing",
    may_look_standing=True,
    figure=Figure(rows=("●", "├──────■", "│", "│", "○", "│", "│", "│", "╰─"), row_m=0.2, is_level=False),
)

STANDING_BAR_ON_BACK = Posture(
    name="standing, bar on the back",
    family="standing",
    may_look_standing=True,
    figure=Figure(rows=(" ●", "■├╮", " ├╯", " │", " ○", " │", " │", " │", " ╰─"), row_m=0.2, is_level=False),
)
