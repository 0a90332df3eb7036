"""A recipe is one checked file; a slip in it is named."""

import pytest

from qclassify.errors import LabelError
from training.recipe import RECIPES, build_pipeline, load_recipe

DEFAULT = (RECIPES / "default.toml").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda p: p.stem)
def test_every_recipe_in_the_folder_loads_and_carries_its_file_name(path):
    assert load_recipe(path).name == path.stem
    assert load_recipe(path.stem) == load_recipe(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed", "sead", r"unknown keys \['sead'\], missing keys \['seed'\]"),
        ("min_count = 2", "min_cuont = 2", "min_cuont"),
        ('terms = "words"', 'terms = "wrods"', "unknown terms 'wrods'"),
        ('source = "heading"', 'source = "footer"', "unknown source 'footer'"),
        ('kind = "svm"', 'kind = "forest"', "unknown kind 'forest'"),
        ('name = "chars"', 'name = "words"', "field 'words' stands twice"),
        ("low = 1", "low = 0", "1 <= low <= high"),
        ('thresholds = "', 'thresholds = "x', "unknown thresholds"),
        ("[data]", "[[data]]", r"\[data\]: is not a table"),
        ("name =", "name", "not TOML"),
    ],
)
def test_a_slip_in_a_recipe_is_named(tmp_path, old, new, message):
    assert old in DEFAULT
    path = tmp_path / "slip.toml"
    path.write_text(DEFAULT.replace(old, new, 1), "utf-8")
    with pytest.raises(LabelError, match=message) as caught:
        load_recipe(path)
    assert caught.value.hint


def test_an_unknown_recipe_names_the_known_ones():
    with pytest.raises(LabelError, match="no such recipe") as caught:
        load_recipe("defualt")
    assert "baseline" in caught.value.hint


def test_the_pipeline_has_a_block_a_field():
    recipe = load_recipe("default")
    blocks = [name for name, _ in build_pipeline(recipe, ()).named_steps["features"].transformer_list]
    assert blocks == [spec.name for spec in recipe.fields]
