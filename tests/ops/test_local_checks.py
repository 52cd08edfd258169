"""How the areas' checks are found, and that they are what `make local` can run."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from ops.local import checks
from tests.synthesis import environment


def test_every_module_of_the_folder_is_an_area() -> None:
    folder = Path(checks.__file__).parent
    assert set(checks.areas()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert "pipeline" in checks.areas()


def test_a_module_that_shows_nothing_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "forgetful.py").write_text('"""Nothing."""\n', encoding="utf-8")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    with pytest.raises(TypeError, match=r"ops/local/checks/forgetful\.py has no function checks"):
        checks.areas()
    sys.modules.pop(f"{checks.__name__}.forgetful")


def test_every_region_is_shown_and_no_name_is_there_twice() -> None:
    described = environment(regions=3)
    names = Counter(check.name for check in checks.checks_for(described))
    assert [name for name, count in names.items() if count > 1] == []
    for region in described.regions:
        assert any(name.startswith(region.name) for name in names)
