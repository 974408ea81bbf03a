//! The fonts of documents: the embedded ones first, then those of the machine for rare characters.

use std::{fs, io, path::Path, path::PathBuf, sync::OnceLock};

use typst::foundations::Bytes;
use typst::text::{Coverage, Font, FontBook, FontInfo};
use typst::utils::LazyHash;

/// Fonts in order of preference. They are opened with the first document: a server that prints none does not hold them.
pub(super) struct Fonts {
    /// Fonts of the machine, listed at start so that an unreadable folder shows then.
    machine: Vec<PathBuf>,
    opened: OnceLock<Opened>,
}

/// Fonts that are ready to be chosen from.
struct Opened {
    book: LazyHash<FontBook>,
    slots: Vec<Slot>,
    /// What each font can print, for [`Fonts::have`].
    coverage: Vec<Coverage>,
}

/// One face.
enum Slot {
    Embedded(Font),
    /// A face of the machine, read when a document needs it for the first time.
    Machine {
        path: PathBuf,
        index: u32,
        font: OnceLock<Option<Font>>,
    },
}

impl Fonts {
    /// The fonts of the program itself.
    pub(super) fn embedded() -> Self {
        Self { machine: Vec::new(), opened: OnceLock::new() }
    }

    /// The fonts of the program, then those found in a folder of the machine. Files that are no fonts are passed over.
    pub(super) fn with_machine(directory: &Path) -> io::Result<Self> {
        Ok(Self { machine: font_files(directory)?, opened: OnceLock::new() })
    }

    fn opened(&self) -> &Opened {
        self.opened.get_or_init(|| Opened::new(&self.machine))
    }

    /// What the typesetter chooses from.
    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.opened().book
    }

    /// The face at a place of the book.
    pub(super) fn font(&self, index: usize) -> Option<Font> {
        match self.opened().slots.get(index)? {
            Slot::Embedded(font) => Some(font.clone()),
            Slot::Machine { path, index, font } => {
                font.get_or_init(|| Font::new(Bytes::new(fs::read(path).ok()?), *index)).clone()
            }
        }
    }

    /// Whether some font can print a character.
    pub(super) fn have(&self, c: char) -> bool {
        self.opened().coverage.iter().any(|coverage| coverage.contains(u32::from(c)))
    }
}

impl Opened {
    fn new(machine: &[PathBuf]) -> Self {
        let mut infos: Vec<FontInfo> = embedded().iter().map(|font| font.info().clone()).collect();
        let mut slots: Vec<Slot> = embedded().iter().cloned().map(Slot::Embedded).collect();
        for path in machine {
            let Ok(bytes) = fs::read(path) else { continue };
            for (index, mut info) in (0..).zip(FontInfo::iter(&bytes)) {
                // Under another name, so that a newer edition on one machine cannot change the look of a document.
                info.family = format!("{} {MACHINE}", info.family);
                infos.push(info);
                slots.push(Slot::Machine { path: path.clone(), index, font: OnceLock::new() });
            }
        }
        let coverage = infos.iter().map(|info| info.coverage.clone()).collect();
        Self { book: LazyHash::new(FontBook::from_infos(infos)), slots, coverage }
    }
}

/// Parsed once per process.
fn embedded() -> &'static [Font] {
    static FONTS: OnceLock<Vec<Font>> = OnceLock::new();
    FONTS.get_or_init(|| EMBEDDED.iter().flat_map(|bytes| Font::iter(Bytes::new(*bytes))).collect())
}

/// All font files below a folder, in order of their paths, so that the choice among equals is always the same.
fn font_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![(directory.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if depth < MAX_DEPTH {
                    folders.push((path, depth + 1));
                }
            } else if path.extension().and_then(|end| end.to_str()).is_some_and(is_font) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_font(ending: &str) -> bool {
    ["ttf", "otf", "ttc", "otc"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

const EMBEDDED: [&[u8]; 4] = [
    include_bytes!("../../assets/fonts/NotoSansSC-Regular-subset.otf"),
    include_bytes!("../../assets/fonts/NotoSansSC-Bold-subset.otf"),
    include_bytes!("../../assets/fonts/NotoSans-Regular-rest.ttf"),
    include_bytes!("../../assets/fonts/NotoSans-Bold-rest.ttf"),
];

/// Marks the family of a font of the machine.
const MACHINE: &str = "(machine)";

/// Folders below the font directory: Debian has three; the limit ends loops of links.
const MAX_DEPTH: usize = 6;
