"""The pages of the app, with clips that are analysed in no time."""

import errno
import io
import json
import os
import time
import zipfile

import pytest

from hipform.app.judge_recording import judge_recording
from hipform.app.task_progress import no_progress
from hipform.batch.clip_queue import State
from hipform.config import Settings
from hipform.errors import NoExerciseError
from hipform.report.result import FILES
from hipform.store import History, history_path
from hipform.texts import ENGLISH
from hipform.web import routes, uploads
from hipform.web.views import athlete_key, in_the_apps_words
from tests.batch.sets import Held
from tests.samples import ROOT


def send(client, content=b"ok", name="my set.mp4", piece=None, **facts):
    """Send a clip as the page does, in pieces; return the last answer."""
    begun = client.post("/uploads", json={"name": name, "size": len(content), "mark": name, **facts})
    assert begun.status_code == 200, begun.text
    at, answer = begun.json()["arrived"], None
    while answer is None or "set" not in answer:
        put = client.put(f"/uploads/{begun.json()['id']}/{at}", content=content[at : at + (piece or len(content))])
        assert put.status_code == 200, put.text
        answer = put.json()
        at = answer["arrived"]
    return answer["set"]


def test_a_dropped_clip_is_in_the_list_and_its_page_shows_the_report(shelf, client):
    name = send(client, piece=1, athlete="Ana", load="80 kg")
    assert shelf.wait(name).state is State.DONE
    text = client.get("/").text
    assert "my set.mp4" in text
    assert "Ana" in text
    page = client.get(f"/sets/{name}").text
    assert f'src="/results/{name}/report.html"' in page
    assert 'value="80 kg"' in page


def test_thirty_clips_can_be_dropped_at_once(shelf, client):
    Held.gate.clear()
    names = [send(client, name=f"{number}.mp4") for number in range(30)]
    assert client.get("/library").text.count("/cancel") == 30
    Held.gate.set()
    assert {shelf.wait(name).state for name in names} == {State.DONE}


def test_names_from_outside_are_text(shelf, client):
    name = send(client, name='<script>alert(1)</script>"\u202egpj.mp4', note="<b>x</b>")
    shelf.wait(name)
    for path in ("/", f"/sets/{name}", "/library"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "<b>x" not in text
        assert "\u202e" not in text


def test_a_name_that_is_a_path_is_only_a_name(shelf, client):
    for sent, shown in (("../../etc/passwd", "passwd"), ("C:\\clips\\a.mp4", "a.mp4"), ("\n", "clip")):
        assert shelf.library.find(send(client, name=sent)).order.label == shown


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "a.mp4", "size": 0, "mark": "m"},
        {"name": "a.mp4", "size": 5_000_000_000, "mark": "m"},
        {"name": "a.mp4", "size": -1, "mark": "m"},
        {"name": "a.mp4", "size": "5", "mark": "m"},
        {"name": "a.mp4", "size": True, "mark": "m"},
        {"name": "a.mp4", "mark": "m"},
        {"name": "a.mp4", "size": 5, "mark": "m", "load": "eighty"},
        {"name": "a.mp4", "size": 5, "mark": "m", "exercise": "yoga"},
        {"name": "a.mp4", "size": 5, "mark": "m", "note": "x" * 3000},
        {"name": "a.mp4", "size": 5, "mark": "m", "athlete": "x" * 3000},
    ],
)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(client, asked):
    answer = client.post("/uploads", json=asked, headers={"accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_mark_that_is_no_text_is_refused(client):
    asked = b'{"name": "a.mp4", "size": 5, "mark": "\\ud800"}'
    assert client.post("/uploads", content=asked).status_code == 400


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="this system cannot refuse links when it opens a file")
def test_a_link_in_place_of_a_clip_is_not_written_through(shelf, client, tmp_path):
    begun = client.post("/uploads", json={"name": "a.mp4", "size": 2, "mark": "m"}).json()
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    clip = shelf.library.root / "uploads" / begun["id"] / "clip"
    clip.unlink()
    clip.symlink_to(precious)
    assert client.put(f"/uploads/{begun['id']}/0", content=b"ok").status_code == 400
    assert precious.read_bytes() == b"precious"


def test_a_full_disk_is_noticed_before_a_clip_is_sent(client, monkeypatch):
    monkeypatch.setattr(uploads, "FREE_DISK_BYTES", 1 << 60)
    answer = client.post(
        "/uploads", json={"name": "a.mp4", "size": 5, "mark": "m"}, headers={"accept": "application/json"}
    )
    assert "free disk space" in answer.json()["error"]


def test_the_space_that_clips_on_their_way_will_need_counts(client, monkeypatch):
    from types import SimpleNamespace

    free = SimpleNamespace(free=uploads.FREE_DISK_BYTES + 100)
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda _folder: free)
    statuses = [
        client.post("/uploads", json={"name": "a.mp4", "size": 60, "mark": str(number)}).status_code
        for number in range(2)
    ]
    assert statuses == [200, 400]


def test_a_clip_of_which_nothing_came_for_a_day_is_forgotten(client, monkeypatch):
    begun = client.post("/uploads", json={"name": "a.mp4", "size": 60, "mark": "1"}).json()
    tomorrow_s = time.monotonic() + 25 * 3600
    monkeypatch.setattr(uploads.time, "monotonic", lambda: tomorrow_s)
    client.post("/uploads", json={"name": "b.mp4", "size": 60, "mark": "2"})
    assert client.get(f"/uploads/{begun['id']}").status_code == 404


def test_a_clock_that_is_set_ahead_costs_no_clip_that_is_arriving(shelf, client):
    begun = client.post("/uploads", json={"name": "a.mp4", "size": 60, "mark": "1"}).json()
    # By the new time nothing has come for years.
    os.utime(shelf.library.root / "uploads" / begun["id"] / "clip", (1e9, 1e9))
    client.post("/uploads", json={"name": "b.mp4", "size": 60, "mark": "2"})
    assert client.put(f"/uploads/{begun['id']}/0", content=b"ok").json() == {"arrived": 2}


def test_a_clip_that_is_given_again_is_asked_as_the_second_time(shelf, client):
    asked = {"name": "a.mp4", "size": 10, "mark": "a/10/1"}
    begun = client.post("/uploads", json={**asked, "athlete": "Ana"}).json()
    client.put(f"/uploads/{begun['id']}/0", content=b"ok 12")
    assert client.post("/uploads", json={**asked, "athlete": "Ben"}).json() == {"id": begun["id"], "arrived": 5}
    shelf.close()
    shelf.open()
    answer = shelf.client().put(f"/uploads/{begun['id']}/5", content=b"34567").json()
    assert shelf.library.find(answer["set"]).order.athlete == "Ben"


def test_a_folder_that_is_gone_is_one_clear_answer(shelf, client):
    (shelf.library.root / "uploads").rmdir()
    asked = {"name": "a.mp4", "size": 60, "mark": "1"}
    answer = client.post("/uploads", json=asked, headers={"accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Cannot write ")


def test_what_the_system_refuses_is_one_clear_answer(client, monkeypatch):
    def gone(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr("hipform.web.uploads.Uploads.begin", gone)
    asked = {"name": "a.mp4", "size": 60, "mark": "1"}
    answer = client.post("/uploads", json=asked, headers={"accept": "application/json"})
    assert (answer.status_code, "cannot be used: broken" in answer.json()["error"]) == (503, True)


def test_a_clip_that_broke_off_goes_on_where_it_was(shelf, client):
    asked = {"name": "a.mp4", "size": 10, "mark": "a/10/1"}
    begun = client.post("/uploads", json=asked).json()
    assert client.put(f"/uploads/{begun['id']}/0", content=b"ok 12").json() == {"arrived": 5}
    again = client.post("/uploads", json=asked).json()
    assert again == {"id": begun["id"], "arrived": 5}
    assert client.put(f"/uploads/{again['id']}/0", content=b"ok 12").status_code == 400
    answer = client.put(f"/uploads/{again['id']}/5", content=b"34567").json()
    assert shelf.library.find(answer["set"]).clip.read_bytes() == b"ok 1234567"


@pytest.mark.parametrize("position", ["1" * 5000, "-1", "²", "1e3"])
def test_a_piece_at_no_position_is_refused(client, position):
    begun = client.post("/uploads", json={"name": "a.mp4", "size": 3, "mark": "m"}).json()
    assert client.put(f"/uploads/{begun['id']}/{position}", content=b"x").status_code == 400
    assert client.get(f"/uploads/{begun['id']}").json()["arrived"] == 0


def test_more_than_was_announced_is_refused(client):
    begun = client.post("/uploads", json={"name": "a.mp4", "size": 3, "mark": "m"}).json()
    assert client.put(f"/uploads/{begun['id']}/0", content=b"much more").status_code == 400
    assert client.get(f"/uploads/{begun['id']}").json()["arrived"] == 0


def test_what_did_not_arrive_wholly_is_no_set_and_goes_on_after_a_restart(shelf, client):
    begun = client.post("/uploads", json={"name": "a.mp4", "size": 10, "mark": "m", "load": "80kg"}).json()
    client.put(f"/uploads/{begun['id']}/0", content=b"ok 12")
    shelf.close()
    shelf.open()
    assert shelf.library.sets() == []
    again = shelf.client()
    assert again.get(f"/uploads/{begun['id']}").json()["arrived"] == 5
    answer = again.put(f"/uploads/{begun['id']}/5", content=b"34567").json()
    entry = shelf.library.find(answer["set"])
    assert (entry.clip.read_bytes(), entry.order.load) == (b"ok 1234567", "80kg")
    assert list((shelf.library.root / "uploads").iterdir()) == []


def test_what_broke_off_yesterday_or_is_damaged_is_removed(shelf, client):
    folders = []
    for number in range(2):
        asked = {"name": "a.mp4", "size": 10, "mark": f"m{number}"}
        folders.append(shelf.library.root / "uploads" / client.post("/uploads", json=asked).json()["id"])
    os.utime(folders[0] / "clip", (1e9, 1e9))
    (folders[1] / "upload.json").write_text("{")
    shelf.close()
    shelf.open()
    assert not any(folder.exists() for folder in folders)


def test_cancel_and_try_again(shelf, client):
    Held.gate.clear()
    name = send(client)
    shelf.wait(name, State.RUNNING)
    assert client.post(f"/sets/{name}/cancel").headers["location"] == "/"
    assert "Try again" in client.get("/library").text
    Held.gate.set()
    assert client.post(f"/sets/{name}/retry", content="from=set").headers["location"] == f"/sets/{name}"
    assert shelf.wait(name).state is State.DONE


def test_a_correction_is_taken_over(shelf, client):
    name = send(client)
    shelf.wait(name)
    form = {
        "label": "best.mp4",
        "exercise": "hip-thrust",
        "start_s": "1:02,5",
        "end_s": "70",
        "load": "60kg",
        "speed": "2",
        "turn_deg": "90",
        "side": "left",
        "athlete": "",
    }
    assert client.post(f"/sets/{name}/correct", data=form).status_code == 303
    order = shelf.library.find(name).order
    assert (order.label, order.exercise, order.start_s, order.end_s) == ("best.mp4", "hip-thrust", 62.5, 70.0)
    assert (order.load, order.athlete) == ("60kg", None)
    assert (order.speed, order.turn_deg, order.side) == (2.0, 90, "left")
    assert shelf.wait(name).state is State.DONE


def test_an_exercise_that_may_be_another_one_is_judged_as_that_by_a_button(shelf, client):
    name = send(client)
    shelf.wait(name)
    assert "/judge-as" not in client.get(f"/sets/{name}").text
    folder = shelf.library.store.root / name
    found = json.loads((folder / FILES["result"]).read_text())
    found["sets"][0] |= {"confidence": 0.6, "alternative": "glute-bridge"}
    (folder / FILES["result"]).write_text(json.dumps(found))
    form = client.get(f"/sets/{name}").text.partition("/judge-as")[2].partition("</form>")[0]
    assert 'value="glute-bridge"' in form
    client.post(f"/sets/{name}/judge-as", data={"exercise": "glute-bridge"})
    assert shelf.library.find(name).order.exercise == "glute-bridge"
    assert "/judge-as" not in client.get(f"/sets/{name}").text


def test_advice_for_the_command_line_becomes_advice_for_the_page():
    with pytest.raises(NoExerciseError) as refused:
        judge_recording(ROOT / "tests" / "goldens" / "other_push_up.npz", Settings(), (), no_progress)
    words = in_the_apps_words(str(refused.value), ENGLISH)
    assert "for example with Exercise" in words
    assert "--" not in words
    assert "`" not in words


def test_a_correction_that_is_wrong_says_so_without_options_of_the_command_line(shelf, client):
    name = send(client)
    shelf.wait(name)
    for form, words in (({"load": "eighty"}, "Load"), ({"start_s": "soon"}, "is not a time"), ({"date": "x"}, "Date")):
        answer = client.post(f"/sets/{name}/correct", data=form)
        assert answer.status_code == 400
        assert words in answer.text
        assert "--" not in answer.text.partition('role="alert"')[2].partition("</p>")[0]


def test_a_set_is_deleted(shelf, client):
    name = send(client)
    shelf.wait(name)
    assert client.post(f"/sets/{name}/delete").headers["location"] == "/"
    assert client.get(f"/sets/{name}").status_code == 404


def test_the_folder_is_sent_as_an_archive_of_outputs_only(shelf, client):
    name = send(client)
    shelf.wait(name)
    (shelf.library.store.root / name / "mine.txt").write_text("x")
    answer = client.get(f"/results/{name}/folder.zip")
    assert "my%20set.zip" in answer.headers["content-disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {FILES["result"], FILES["cues"]} <= set(names)
    assert "mine.txt" not in names


def test_the_report_is_sent_as_one_file(shelf, client):
    name = send(client)
    shelf.wait(name)
    answer = client.get(f"/results/{name}/report-in-one-file.html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "hipform report" in answer.text


def test_a_video_can_be_searched_and_a_report_keeps_its_own_policy(shelf, client):
    name = send(client)
    shelf.wait(name)
    folder = shelf.library.store.root / name
    (folder / FILES["video"]).write_bytes(bytes(range(100)))
    (folder / FILES["report"]).write_text("report")
    part = client.get(f"/results/{name}/{FILES['video']}", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert (
        "frame-ancestors 'self'" in client.get(f"/results/{name}/{FILES['report']}").headers["content-security-policy"]
    )


def test_a_report_is_in_the_language_of_its_reader(shelf, client):
    name = send(client)
    shelf.wait(name)
    assert shelf.library.find(name).order.language == "en"
    client.headers["accept-language"] = "de"
    page = client.get(f"/results/{name}/{FILES['report']}")
    assert '<html lang="de">' in page.text
    assert "Wie gemessen wurde" in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert '<html lang="de">' in client.get(f"/results/{name}/report-in-one-file.html").text
    other = send(client, b"ok 2")
    assert shelf.library.find(other).order.language == "de"


def test_news_arrive_without_asking(shelf, client, monkeypatch):
    Held.gate.clear()
    name = send(client)
    shelf.wait(name, State.RUNNING)
    words_of = routes.state_in_words

    def last_words(state, texts):
        # The client of these tests reads a stream to its end.
        shelf.end_streams()
        return words_of(state, texts)

    monkeypatch.setattr(routes, "state_in_words", last_words)
    news = json.loads(client.get("/events").text.partition("\n")[0].removeprefix("data: "))
    assert news["sets"][name]["state"] == "running"
    assert news["sets"][name]["drawing"] is False
    assert news["sets"][name]["words"].startswith("Being analysed")


def test_a_comparison_that_is_not_possible_says_why_inside_the_page(shelf, client):
    first, second = send(client, b"ok 1"), send(client, b"ok 2")
    shelf.wait(first)
    shelf.wait(second)
    (shelf.library.store.root / second / FILES["result"]).unlink()
    answer = client.get(f"/results/compare/{first}/{second}", headers={"sec-fetch-dest": "iframe"})
    assert 'role="alert"' in answer.text
    assert "<nav" not in answer.text
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_two_sets_are_compared_on_a_page(shelf, client):
    first, second = send(client, b"ok 1"), send(client, b"ok 2")
    shelf.wait(first)
    shelf.wait(second)
    assert f"/results/compare/{first}/{second}" in client.get(f"/compare?first={first}&second={second}").text
    answer = client.get(f"/results/compare/{first}/{second}")
    assert answer.status_code == 200
    assert "compare" in answer.text
    assert f"/sets/{second}" not in client.get(f"/compare?first={first}&second=x").text


# ---------------------------------------------------------------------------------------------- athletes and settings


def test_an_athlete_has_a_card_a_page_and_progress(shelf, client):
    for number in range(2):
        shelf.wait(send(client, b"ok %d" % number, f"{number}.mp4", athlete="Ana <x>"))
    assert "Ana &lt;x&gt;" in client.get("/athletes").text
    key = athlete_key("ana  <X>")
    page = client.get(f"/athletes/{key}").text
    assert page.count('class="set-row"') == 2
    assert "Ana" in client.get(f"/athletes/{key}/progress").text
    assert client.get("/athletes/0123456789abcdef").status_code == 404


def test_an_athlete_is_deleted_with_sets_and_history(shelf, client):
    kept = send(client, b"ok 0", "0.mp4", athlete="Bea")
    gone = send(client, b"ok 1", "1.mp4", athlete="Ana")
    shelf.wait(kept)
    shelf.wait(gone)
    client.post(f"/athletes/{athlete_key('Ana')}/delete")
    assert [entry.id for entry in shelf.library.sets()] == [kept]
    with History(history_path()) as history:
        assert {one.athlete for one in history.sets()} == {"Bea"}


def test_settings_are_kept_and_checked(shelf, client):
    form = {"model": "lite", "language": "de", "incomplete-lockout.short_deg": "9,5"}
    assert client.post("/settings", data=form).status_code == 303
    text = client.get("/settings").text
    assert 'lang="de"' in text
    assert 'value="9.5"' in text
    assert client.post("/settings", data={"model": "lite", "incomplete-lockout.short_deg": "900"}).status_code == 400
    assert client.post("/settings", data={"model": "best"}).status_code == 400
    shelf.close()
    shelf.open()
    assert shelf.place.preferences.now.settings["incomplete-lockout.short_deg"] == 9.5
    assert shelf.place.preferences.now.keeps_clips is False


def test_everything_is_deleted_only_when_that_is_sure(shelf, client):
    shelf.wait(send(client, athlete="Ana"))
    assert client.post("/settings/delete-all").status_code == 400
    assert len(shelf.library.sets()) == 1
    assert client.post("/settings/delete-all", data={"sure": "yes"}).status_code == 303
    assert shelf.library.sets() == []
    with History(history_path()) as history:
        assert history.sets() == ()


def test_all_that_is_deleted_includes_clips_that_are_arriving(shelf, client):
    begun = client.post("/uploads", json={"name": "a.mp4", "size": 10, "mark": "m", "athlete": "Ana"}).json()
    client.put(f"/uploads/{begun['id']}/0", content=b"ok 12")
    client.post("/settings/delete-all", data={"sure": "yes"})
    assert list((shelf.library.root / "uploads").iterdir()) == []
    assert client.put(f"/uploads/{begun['id']}/5", content=b"34567").status_code == 400
    assert shelf.library.sets() == []
