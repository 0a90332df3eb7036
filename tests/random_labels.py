"""Labels folders of any taxonomy: n categories with names in several scripts, a marker word each."""

import hashlib
import json

NAMES = ["水质", "Überwachung", "Règles & délais", "Сроки", "公園<緑地>", "a|b*c", "Qualité de l'air ambiant"]


def marker(number):
    """Two characters that say which category a clause has."""
    return chr(0x4E00 + 37 * number) + chr(0x5200 + 41 * number)


def taxonomy_text(n, *, exclusive, optional):
    lines = ['version = "1"', f"exclusive = {str(exclusive).lower()}"]
    for number in range(n):
        name = f"{NAMES[number % len(NAMES)]} {number}"
        lines += ["[[category]]", f'id = "c{number}"', f"name = {json.dumps(name, ensure_ascii=False)}"]
        lines += ['definition = "=1+1 <b>x</b>"']
        if optional:
            lines += [f'name_en = "Category {number}"', 'includes = "a"', 'excludes = "b"', 'example = "c"']
    return "\n".join(lines) + "\n"


def write_random_labels(folder, n, rng, *, documents=3, clauses=12, exclusive=False, optional=False, empty=0):
    """Write a folder of `n` categories, the last `empty` of them without any clause; returns it."""
    (folder / "documents").mkdir(parents=True)
    (folder / "taxonomy.toml").write_text(taxonomy_text(n, exclusive=exclusive, optional=optional), "utf-8")
    index, rows = "", []
    for document in range(documents):
        name, text = f"doc-{document}", "一、总体要求\n"
        for number in range(clauses):
            most = 1 if exclusive else 3
            least = 1 if exclusive else 0
            count = int(rng.integers(least, most + 1))
            labels = sorted(rng.choice(n - empty, size=min(count, n - empty), replace=False).tolist())
            clause = f"第{number}项要做好{''.join(marker(label) for label in labels)}有关工作。"
            ids = [f"c{label}" for label in labels]
            rows.append(
                {
                    "id": f"{name}:{len(text)}",
                    "doc": name,
                    "start": len(text),
                    "end": len(text) + len(clause),
                    "heading_nos": ["一"],
                    "heading_path": ["总体要求"],
                    "text": clause,
                    "labels": ids,
                    "primary": ids[-1] if ids else None,
                }
            )
            text += clause
        (folder / f"documents/{name}.txt").write_bytes(text.encode())
        digest = hashlib.sha256(text.encode()).hexdigest()
        index += (
            f'[[document]]\nid = "{name}"\nfile = "{name}.txt"\ntitle = ""\nissuer = ""\ndate = ""\n'
            f'number = ""\nsha256 = "{digest}"\n\n'
        )
    (folder / "documents/index.toml").write_text(index, "utf-8")
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (folder / "clauses.jsonl").write_text("".join(lines), "utf-8")
    return folder
