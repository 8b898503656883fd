"""report.html: one analysis on one page, which can be sent to a coach or a client."""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np

from hipform.analysis.judged_reps import SetResult
from hipform.config import Settings
from hipform.errors import ConfigError, InputError
from hipform.files import write_whole
from hipform.folder_handle import open_inside
from hipform.pose.readers.formats import POSE_FORMATS
from hipform.report.curves import HIP, KNEE, LOW_BACK, Curves, read_curves
from hipform.report.exercise_page import view_in_words
from hipform.report.pages import render_page
from hipform.report.pictures import Album, Picture, Shrink
from hipform.report.result import FILES, AnalysisResult
from hipform.report.result_folder import ResultFolder
from hipform.report.set_view import RepView, SetView, set_view
from hipform.texts import ENGLISH, Texts, day_in_words, english
from hipform.training import DateSource, Training
from hipform.validation import read_bounded

MOST_EMBEDDED_BYTES = 25_000_000
"""The largest video that is embedded in a page: about the limit of an e-mail."""

_TRACKS = (
    (HIP, english("Hip: angle between trunk and thigh"), 180.0),
    (LOW_BACK, english("Low back: arch from the lifter's neutral"), 0.0),
    (KNEE, english("Knee angle"), 180.0),
)
_POSTER_PX = 960
_BAR_PLOT_PX, _BAR_PLOT_MARGIN_PX = 180, 4
"""Height of the bar's path, and the margin around it."""
MOST_LOGO_BYTES = 500_000
_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_MAX_NAME_CHARS = 80
_LOGO_HINT = "Give a PNG or JPEG file of at most 500 kB with --logo."
_COLORS = {HIP: "hip", LOW_BACK: "back", KNEE: "knee"}

_LINKED = ("'self'", "file:")
_EMBEDDED = ("data:",)


@dataclass(frozen=True, slots=True)
class Video:
    """The annotated video as the page plays it.

    Attributes
    ----------
    source
        URL: relative to the page, or a data URL with the video.
    media
        Its source, for the page's Content-Security-Policy.
    note
        Why it is not embedded although that was requested; otherwise empty.
    """

    source: str
    media: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What a coach adds to a report.

    Attributes
    ----------
    name
        Name of the coach or the gym, at the top; hipform's if empty.
    logo
        Image as a data URL, at the top; none if empty.
    comment
        Comment to the athlete; if empty, the page has a box to write one.
    """

    name: str = ""
    logo: str = ""
    comment: str = ""

    @staticmethod
    def of(name: str | None, logo: Path | None, comment: str | None) -> Letterhead:
        """Return the letterhead with a logo from a file.

        Raises
        ------
        InputError
            If the logo cannot be read, or is no PNG or JPEG image of at most 500 kB.
        ConfigError
            If the name is longer than a line.
        """
        if name and len(name) > _MAX_NAME_CHARS:
            raise ConfigError(
                f"The coach's name has {len(name)} characters, more than {_MAX_NAME_CHARS}.", "Make it shorter."
            )
        return Letterhead(name=name or "", logo=_logo(logo) if logo else "", comment=comment or "")


NO_LETTERHEAD = Letterhead()


def _logo(path: Path) -> str:
    try:
        data = read_bounded(path, MOST_LOGO_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).", _LOGO_HINT) from error
    media = next((media for start, media in _IMAGES.items() if data.startswith(start)), None)
    if media is None:
        raise InputError(f"{path} is not a PNG or JPEG image.", _LOGO_HINT)
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What a report shows beside the result in its folder.

    Attributes
    ----------
    letterhead
        What a coach adds.
    since_last_time
        Sentences on the change since the athlete's last session, by number of the set.
    """

    letterhead: Letterhead = NO_LETTERHEAD
    since_last_time: Mapping[int, Sequence[str]] = field(default_factory=dict)


NO_ADDITIONS = Additions()


def write_report(
    folder: ResultFolder,
    shrink: Shrink,
    *,
    embed: bool = False,
    additions: Additions = NO_ADDITIONS,
    texts: Texts = ENGLISH,
) -> Path:
    """Write the report to its folder.

    Parameters
    ----------
    folder
        The analysis and its files; the page says which parts are missing.
    shrink
        Function that shrinks images.
    embed
        Whether to embed the video in the page, if it is not too large.
    additions
        What the page shows beside the result.
    texts
        The texts in the language of the page.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If a part exists but cannot be read.
    OutputError
        If the page cannot be written.
    """
    path = folder.path / FILES["report"]
    write_whole(path, report_page(folder, shrink, embed=embed, additions=additions, texts=texts).encode())
    return path


def report_page(
    folder: ResultFolder,
    shrink: Shrink,
    *,
    embed: bool = False,
    additions: Additions = NO_ADDITIONS,
    texts: Texts = ENGLISH,
) -> str:
    """Return the report as HTML; see `write_report`."""
    result = folder.result
    album = Album(folder, shrink)
    sets = [
        set_view(found, summary, folder.settings, album)
        for found, summary in zip(result.sets, result.summaries, strict=True)
    ]
    frames = folder.part("frames")
    reps = [view.rep for one in sets for view in one.reps]
    curves = read_curves(frames, result.clip.start_s, result.clip.end_s, reps) if frames else None
    video = video_of(folder, folder.path, embed=embed)
    return render_page(
        "report.html.j2",
        data=_data(result, folder.settings, sets, curves, texts),
        texts=texts,
        scripts=("report.js",),
        media=video.media if video else (),
        result=result,
        pose_format=POSE_FORMATS.get(result.model),
        sets=sets,
        title=_title(sets, result.training, texts),
        letterhead=additions.letterhead,
        since_last_time=additions.since_last_time,
        analysed=day_of_moment(result.analysed_at),
        filmed=_filmed_in_words(result.training),
        seen=_share_seen(result),
        settings_view=view_in_words(folder.settings),
        rules_by_exercise={one.exercise.name_in_sentence: one.rules for one in sets},
        video=video,
        video_name=FILES["video"],
        poster=_poster(result.sets, album) if video else None,
        tracks=_tracks(curves, texts) if curves else [],
        bar_plots=_bar_plots(sets, curves) if curves else {},
        thinned=bool(curves and curves.thinned),
        left_out=_left_out(folder, album),
    )


@dataclass(frozen=True, slots=True)
class BarPlot:
    """The paths of the bar in one set: the size of the drawing, and the points of each line in it."""

    width: int
    height: int
    lines: tuple[str, ...]


def _bar_plots(sets: Sequence[SetView], curves: Curves) -> dict[str, BarPlot]:
    """Return the paths of the bar by anchor of the set; sets in which no speed of the bar is known have none."""
    paths = iter(curves.bar_paths)
    plots = {}
    for one in sets:
        own = [path for _, path in zip(one.reps, paths, strict=False)]
        lifts = [
            path
            for view, path in zip(one.reps, own, strict=True)
            if path and view.rep.bar_mean_m_per_s and not view.rep.partial
        ]
        if lifts:
            plots[one.anchor] = _bar_plot(lifts)
    return plots


def _bar_plot(paths: Sequence[Sequence[tuple[float, float]]]) -> BarPlot:
    """Return the drawing of several paths, shape (n, 2) each and not empty, that start at the same point."""
    lines = [np.array(path) - path[0] for path in paths]
    low, high = (getattr(np.concatenate(lines), end)(axis=0) for end in ("min", "max"))
    scale = _BAR_PLOT_PX / max(float(high[1] - low[1]), 1.0)
    width, height = np.ceil((high - low) * scale).astype(int) + 2 * _BAR_PLOT_MARGIN_PX
    drawn = [(line - low) * scale + _BAR_PLOT_MARGIN_PX for line in lines]
    return BarPlot(int(width), int(height), tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in line) for line in drawn))


def video_of(folder: ResultFolder, page_folder: Path, *, embed: bool = False) -> Video | None:
    """Return the annotated video for a page in *page_folder*; ``None`` if there is none or no relative path to it."""
    path = folder.part("video")
    if path is None:
        return None
    note = embedding_note(path) if embed else ""
    if embed and not note:
        with open_inside(path) as file:
            return Video(f"data:video/mp4;base64,{base64.b64encode(file.read()).decode()}", _EMBEDDED)
    try:
        relative = os.path.relpath(path, page_folder)
    except ValueError:  # another drive on Windows
        return None
    return Video(quote(Path(relative).as_posix()), _LINKED, note)


def embedding_note(video: Path) -> str:
    """Return why *video* cannot be embedded in a page; empty if it can."""
    size = video.stat().st_size if video.is_file() else 0
    if size <= MOST_EMBEDDED_BYTES:
        return ""
    return english(
        "{file} is {size:.0f} MB, more than the {most:.0f} MB that can be put into a page: the page links to it, so "
        "send both files.",
        file=video.name,
        size=size / 1e6,
        most=MOST_EMBEDDED_BYTES / 1e6,
    )


def day_of_moment(moment: str) -> str:
    """Return the day of an ISO 8601 time: "22 November 2026"; empty if it is not one."""
    try:
        return day_in_words(datetime.fromisoformat(moment))
    except ValueError:
        return ""


def training_in_words(training: Training, texts: Texts) -> list[str]:
    """Return athlete, load and filming date as phrases within a sentence; empty if nothing is known."""
    filmed, load = _filmed_in_words(training), str(training.load) if training.load else ""
    words = [training.athlete or "", texts(load), texts(filmed[:1].lower() + filmed[1:])]
    return [word for word in words if word]


def _filmed_in_words(training: Training) -> str:
    """Return when the clip was filmed and how that is known; empty if it is not."""
    if not training.recorded_at or not training.recorded_from:
        return ""
    day = day_in_words(training.recorded_at)
    # The date of a copied or converted file is later than the filming.
    by_file = training.recorded_from is DateSource.FILE
    if by_file:
        return english("File of {day}", day=day)
    return english("Filmed on {day} ({source})", day=day, source=training.recorded_from.in_words)


def _poster(sets: Sequence[SetResult], album: Album) -> Picture | None:
    """Return the image that the video shows before it is played: the first top that has an image."""
    reps = ((found, rep) for found in sets for rep in (*found.reps, *found.partial_reps))
    pictures = (album.take(found, rep, "top", _POSTER_PX, "") for found, rep in reps)
    return next((picture for picture in pictures if picture), None)


def _title(sets: Sequence[SetView], training: Training, texts: Texts) -> str:
    """Return the heading: the exercises, the athlete, the load and the day, as far as they are known."""
    exercises = list({one.exercise.slug: one.exercise for one in sets}.values())
    name = ", ".join([texts(exercises[0].name), *(texts(other.name_in_sentence) for other in exercises[1:])])
    name = texts("{exercises}: {n} sets", exercises=name, n=len(sets)) if len(sets) > 1 else name
    # The date of a copied or converted file says little about the day of the training.
    is_filmed = training.recorded_at and training.recorded_from is not DateSource.FILE
    day = texts(day_in_words(training.recorded_at)) if training.recorded_at and is_filmed else ""
    parts = (name, training.athlete or "", texts(str(training.load)) if training.load else "", day)
    return " · ".join(part for part in parts if part)


def _share_seen(result: AnalysisResult) -> str:
    clip = result.clip
    if not clip.frames:
        return english("No frame was read.")
    # Rounded down, because 99.6 % is not every frame.
    share = math.floor(100 * clip.frames_with_person / clip.frames)
    return english(
        "A person was found in {share} % of {frames} frames of {width} by {height} pixels.",
        share=share,
        frames=clip.frames,
        width=clip.width_px,
        height=clip.height_px,
    )


def _left_out(folder: ResultFolder, album: Album) -> list[str]:
    """Return a sentence for each part that is missing from the page."""
    missing = {
        "video": english("the annotated video"),
        "frames": english("the table of frames, so there are no curves"),
        "keyframes": english("the key frame images"),
    }
    lines = [
        english("The folder does not contain {what}.", what=what)
        for name, what in missing.items()
        if folder.part(name) is None
    ]
    if album.given < album.asked:
        lines.append(
            english(
                "To keep the page small, it shows {n} of {of} images, those of repetitions with faults first. "
                "All of them are in the folder {file}.",
                n=album.given,
                of=album.asked,
                file=FILES["keyframes"],
            )
        )
    return lines


# ------------------------------------------------------------------------------------------- what the scripts read


def _data(
    result: AnalysisResult, settings: Settings, sets: Sequence[SetView], curves: Curves | None, texts: Texts
) -> dict[str, object]:
    return {
        "start": number(result.clip.start_s),
        "end": number(result.clip.end_s),
        "late": number(result.clip.video_late_s),
        "short": 180 - settings["incomplete-lockout.short_deg"],
        "tracks": _tracks(curves, texts) if curves else [],
        "reps": [_rep(one, view, texts, several=len(sets) > 1) for one in sets for view in one.reps],
        "sets": [
            {"number": one.found.number, "start": number(one.found.start_s), "end": number(one.found.end_s)}
            for one in sets
        ],
        "cues": [
            {"start": number(cue.start_s), "end": number(cue.end_s), "text": texts(cue.text)} for cue in result.cues
        ],
        "phases": _phases(sets, curves) if curves else {},
    }


def _rep(one: SetView, view: RepView, texts: Texts, *, several: bool) -> dict[str, object]:
    rep = view.rep
    return {
        "anchor": view.anchor,
        "label": f"{texts('Set {n}', n=one.found.number)}, {texts(view.label.lower())}"
        if several
        else texts(view.label),
        "short": view.short,
        "set": one.found.number,
        "start": number(rep.timing.seen_start_s),
        "end": number(rep.timing.seen_end_s),
        "top": number(rep.timing.top_s),
        "status": view.status.value,
        "judged": rep.angles_judged,
        "faults": [texts(fault.title) for fault in view.faults],
        "lockout": number(180 - rep.lockout_trunk_thigh_flexion_deg.value, 1) if rep.angles_judged else None,
        "band": number(rep.lockout_trunk_thigh_flexion_deg.u95, 1),
        **{part: number(seconds, 2) for part, seconds in rep.timing.parts.items()},
        "partial": rep.partial,
    }


def _tracks(curves: Curves, texts: Texts) -> list[dict[str, object]]:
    """Return the curves in the convention for people: 180 degrees is straight; the low back is relative to neutral."""
    tracks: list[dict[str, object]] = []
    for name, label, straight in _TRACKS:
        if name in curves.tracks:
            points = curves.tracks[name]
            values = [straight - value if straight else value for _, value, _ in points]
            tracks.append(
                {
                    "id": _COLORS[name],
                    "label": texts(label),
                    "t": [number(t_s) for t_s, _, _ in points],
                    "value": [number(value, 1) for value in values],
                    "band": [number(u95, 1) for _, _, u95 in points],
                }
            )
    return tracks


def _phases(sets: Sequence[SetView], curves: Curves) -> dict[str, list[dict[str, object]]]:
    """Return, by set, the time-normalised curve of every counted repetition whose angles were judged."""
    remaining = iter(curves.phases)
    phases: dict[str, list[dict[str, object]]] = {}
    for one in sets:
        for view in one.reps:
            curve = next(remaining)
            counted = view.rep.angles_judged and not view.rep.partial
            if counted and curve is not None and np.isfinite(curve).any():
                values = [number(180 - value, 1) for value in curve.tolist()]
                role = _role(one, view)
                phases.setdefault(one.anchor, []).append({"rep": view.short, "role": role, "values": values})
    return phases


def _role(one: SetView, view: RepView) -> str:
    if one.pair and one.pair.best.anchor == view.anchor:
        return "best"
    return "worst" if one.pair and one.pair.worst.anchor == view.anchor else ""


def number(value: float | None, digits: int = 3) -> float | None:
    """Return *value* rounded for JSON; ``None`` for ``None`` and NaN."""
    return round(value, digits) if value is not None and math.isfinite(value) else None
