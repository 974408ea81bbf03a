"""Prints the code points of the font subset, one range per line, for `pyftsubset --unicodes-file=`.

Input: Unihan_OtherMappings.txt (Unicode Character Database) on standard input; its field kTGH is the national table
of general standard Chinese characters (通用规范汉字表, 2013), which names of people and places may use.
"""

import sys

# Everything that is not a Chinese character of a table: (first, last, why).
RANGES = [
    (0x0020, 0x007E, "ASCII"),
    (0x00A0, 0x024F, "Latin: names, pinyin with tones, µ ± ° × ÷ and superscripts ¹ ² ³"),
    (0x0300, 0x036F, "combining marks"),
    (0x0370, 0x03FF, "Greek"),
    (0x0400, 0x045F, "Cyrillic, part of GB 2312"),
    (0x1E00, 0x1EFF, "Latin, Vietnamese names"),
    (0x2000, 0x206F, "punctuation: — … ‖ ‰ and quotation marks"),
    (0x2070, 0x209F, "superscripts and subscripts"),
    (0x20A0, 0x20BF, "currencies"),
    (0x2100, 0x218F, "℃, №, Roman numerals, fractions"),
    (0x2190, 0x21FF, "arrows"),
    (0x2200, 0x22FF, "mathematics: ≤ ≥ ≠ ≈ ∞"),
    (0x2460, 0x24FF, "enclosed numbers"),
    (0x2500, 0x257F, "box drawing: ║"),
    (0x2580, 0x27BF, "shapes, check boxes, ticks"),
    (0x3000, 0x303F, "Chinese punctuation, 〓"),
    (0x3040, 0x30FF, "kana, part of GB 2312: imported food"),
    (0x3100, 0x312F, "bopomofo, part of GB 2312"),
    (0x3200, 0x33FF, "㎎ ㎏ ㎡ and enclosed characters"),
    (0xFE30, 0xFE4F, "compatibility forms"),
    (0xFF00, 0xFFEF, "full-width forms"),
]


def gb2312():
    """All characters of GB 2312-80."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                pass


def general_standard(unihan):
    """The characters of the 2013 table."""
    for line in unihan:
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 3 and fields[1] == "kTGH":
            yield int(fields[0][2:], 16)


wanted = set(gb2312()) | set(general_standard(sys.stdin))
for first, last, _ in RANGES:
    wanted.update(range(first, last + 1))
print("\n".join(f"U+{point:04X}" for point in sorted(wanted)))
