"""Seeded strings that a segmenter or a reader of code points may trip over, in equal parts of six kinds."""

import random

from training.dictionary import dictionary_text

POLICY = "质量品牌标准产品工程服务环境政府企业提升推进健全完善建立首席质量官、，。；：“”（）"
LATIN = "abcxyzABC012389ＡＢ１２+#&._%-/@ \t"
NUMBERS = "0123456789.-—～~%％年月日万亿"
ODD = "\r\n\u2028\x85\u3000\u200b\ufeff\x00\ud800\udfff\ufffd𠮷𪚥😀éßİΩж龥鿕〇々㐀豈"


def fuzz_texts(count, seed=2019):
    """`count` strings of up to 60 characters or 20 words, the first of them empty."""
    choose = random.Random(seed)  # noqa: S311 - test data
    words = [line.split(" ")[0] for line in dictionary_text().splitlines()[::7]]

    def of(alphabet, longest=60):
        return "".join(choose.choices(alphabet, k=choose.randint(1, longest)))

    kinds = (
        lambda: "".join(choose.choices(words, k=choose.randint(1, 20))),
        lambda: "".join(chr(choose.randint(0x4E00, 0x9FD5)) for _ in range(choose.randint(1, 40))),
        lambda: of(POLICY + LATIN),
        lambda: of(NUMBERS + LATIN[:12]),
        lambda: of(ODD + POLICY[:10], 30),
        lambda: "".join(choose.choice((of(POLICY, 9), of(LATIN, 5), choose.choice(words))) for _ in range(8)),
    )
    return ["", *(kinds[n % len(kinds)]() for n in range(count - 1))]
