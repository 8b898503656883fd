"""A page of figures keeps what other scripts wrote into it."""

from scripts.page_sections import put_section, with_section

PAGE = "# Performance\n\nold\n\n## The report\n\none\n\n## Batches\n\ntwo\n"


def test_a_section_is_replaced_and_the_others_stay():
    assert with_section(PAGE, "## The report\n\nnew\n") == PAGE.replace("one", "new")
    assert with_section(PAGE, "# Performance\n\nnew\n") == PAGE.replace("old", "new")


def test_a_new_section_comes_last():
    assert with_section(PAGE, "## More\n\nthree\n") == f"{PAGE}\n## More\n\nthree\n"


def test_a_new_section_comes_where_the_order_has_it():
    order = ("# Performance", "## More", "## The report")
    assert with_section(PAGE, "## More\n\nthree\n", order) == PAGE.replace("## The", "## More\n\nthree\n\n## The")


def test_a_page_is_made(tmp_path):
    path = tmp_path / "performance.md"
    put_section("# Performance\n\nold\n", path)
    put_section("## More\n\nthree\n", path)
    assert path.read_text(encoding="utf-8") == "# Performance\n\nold\n\n## More\n\nthree\n"
