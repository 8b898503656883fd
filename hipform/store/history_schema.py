"""The tables of the history.

hipform does not use a file with anything else, such as a trigger, a view or a changed table, because SQLite would
execute it.
"""

from __future__ import annotations

APPLICATION_ID = 0x48495046
"""Marks a SQLite file as a history of hipform, so that files of other programs are never written to ("HIPF")."""

VERSION = 1
"""``PRAGMA user_version`` of a file with these tables."""

TABLES: tuple[str, ...] = (
    """
    CREATE TABLE sets (
        id INTEGER PRIMARY KEY,
        clip_sha256 TEXT NOT NULL,
        set_number INTEGER NOT NULL,
        clip_name TEXT NOT NULL,
        athlete TEXT NOT NULL,
        exercise TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        recorded_from TEXT NOT NULL,
        load_kg REAL,
        load_unit TEXT,
        note TEXT,
        model TEXT NOT NULL,
        hipform_version TEXT NOT NULL,
        UNIQUE (clip_sha256, set_number)
    )
    """,
    """
    CREATE TABLE reps (
        set_id INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        partial INTEGER NOT NULL,
        lockout TEXT NOT NULL,
        lockout_trunk_thigh_flexion_deg REAL,
        lockout_trunk_thigh_flexion_u95_deg REAL,
        range_deg REAL,
        range_u95_deg REAL,
        lumbar_extension_deg REAL,
        lumbar_extension_u95_deg REAL,
        lift_s REAL,
        hold_s REAL NOT NULL,
        lower_s REAL,
        bar_mean_m_per_s REAL,
        bar_mean_u95_m_per_s REAL,
        PRIMARY KEY (set_id, partial, number)
    )
    """,
    """
    CREATE TABLE findings (
        set_id INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
        rule TEXT NOT NULL,
        ok INTEGER NOT NULL,
        fault INTEGER NOT NULL,
        not_assessed INTEGER NOT NULL,
        PRIMARY KEY (set_id, rule)
    )
    """,
)
