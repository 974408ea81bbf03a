//! Where bytes come from, and a text that is read a piece at a time: a file of any length in little memory.
//!
//! A file is read several times from its beginning (to prove its encoding, to find what stands beside a table, once for
//! every table) rather than kept.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{DecoderResult, Encoding, UTF_8};

use super::charset::Charset;
use super::rows::{Delimited, Row};
use super::split::{Splitter, each_delimited};
use super::text::{
    Bad, Damage, Disguise, END_MARKS, GB_SAMPLE, SAMPLE, decode, first_bad, in_disguise, in_none_of, is_nearly_gb,
    nearly_in, plausible,
};
use crate::trouble::{self, Reason};

/// A file, or what else can be read again from its beginning.
pub trait Rewind: Read + Seek {}

impl<T: Read + Seek> Rewind for T {}

/// Bytes that a profile reads.
pub enum Source<'a> {
    Bytes(&'a [u8]),
    File(&'a mut dyn Rewind),
}

impl Source<'_> {
    /// At most so many bytes from the beginning.
    pub fn start(&mut self, most: usize) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Source::Bytes(bytes) => Ok(Cow::Borrowed(&bytes[..bytes.len().min(most)])),
            Source::File(file) => {
                file.rewind()?;
                let mut start = Vec::new();
                file.take(most as u64).read_to_end(&mut start)?;
                Ok(Cow::Owned(start))
            }
        }
    }

    /// All of it.
    pub fn whole(&mut self) -> io::Result<Cow<'_, [u8]>> {
        self.start(usize::MAX)
    }

    /// The same source, to be read once more.
    pub fn again(&mut self) -> Source<'_> {
        match self {
            Source::Bytes(bytes) => Source::Bytes(bytes),
            Source::File(file) => Source::File(*file),
        }
    }
}

/// A text, all there or read in pieces.
pub enum Text<'a> {
    Whole(Cow<'a, str>),
    Pieces(Pieces<'a>),
}

impl<'a> Text<'a> {
    /// Proves the encoding: the first of the candidates in which nothing is malformed. A byte order mark decides alone.
    pub fn of(source: Source<'a>, candidates: &[Charset]) -> Result<Text<'a>, Reason> {
        match source {
            Source::Bytes(bytes) => decode(bytes, candidates).map(Text::Whole),
            Source::File(file) => Pieces::prove(file, candidates).map(Text::Pieces),
        }
    }

    /// Calls `each` for every row; without rules every line is one cell. Returns the lines in which a quote opens that is
    /// not closed.
    ///
    /// # Errors
    /// The source cannot be read to its end.
    pub fn each_row(&mut self, rules: Option<&Delimited>, mut each: impl FnMut(&Row)) -> Result<Vec<usize>, Reason> {
        if let Some(rules) = rules.filter(|rules| rules.unquote_lines) {
            return Ok(each_delimited(&self.whole()?, rules, each));
        }
        let mut splitter = Splitter::new(rules);
        match self {
            Text::Whole(text) => {
                splitter.feed(text, true, &mut each);
            }
            Text::Pieces(pieces) => pieces.each(|text, last| splitter.feed(text, last, &mut each))?,
        }
        Ok(splitter.into_open_quotes())
    }

    /// All of it.
    pub fn whole(&mut self) -> Result<Cow<'_, str>, Reason> {
        match self {
            Text::Whole(text) => Ok(Cow::Borrowed(text)),
            Text::Pieces(pieces) => {
                let mut whole = String::new();
                pieces.each(|text, _| {
                    whole.push_str(text);
                    text.len()
                })?;
                Ok(Cow::Owned(whole))
            }
        }
    }
}

/// A text in a file, its encoding proven.
pub struct Pieces<'a> {
    file: &'a mut dyn Rewind,
    encoding: Charset,
    /// Where the text begins, behind its byte order mark, and how many bytes it has: what is appended meanwhile is left.
    from: u64,
    length: u64,
}

impl<'a> Pieces<'a> {
    fn prove(file: &'a mut dyn Rewind, candidates: &[Charset]) -> Result<Pieces<'a>, Reason> {
        let told = |error: io::Error| trouble::NOT_READ.with("why", error.to_string());
        let end = file.seek(SeekFrom::End(0)).map_err(told)?;
        let start = Source::File(&mut *file).start(4).map_err(told)?.into_owned();
        if let Some((encoding, mark)) = Encoding::for_bom(&start) {
            let from = mark as u64;
            return Ok(Pieces { file, encoding: encoding.into(), from, length: end.saturating_sub(from) });
        }
        let mut pieces = Pieces { file, encoding: Charset::utf_8(), from: 0, length: end };
        let mut nearly = None;
        for encoding in candidates {
            pieces.encoding = *encoding;
            let mut disguise = Disguise::default();
            if pieces.fits(&mut disguise).map_err(told)? {
                pieces.encoding = in_disguise(disguise, *encoding, candidates).unwrap_or(*encoding);
                return match nearly.filter(|_| encoding.is_single_byte()) {
                    Some(nearly) => Err(nearly_in(nearly)),
                    None => Ok(pieces),
                };
            }
            let start = Source::File(&mut *pieces.file).start(GB_SAMPLE).map_err(told)?.into_owned();
            let is_it =
                is_nearly_gb(*encoding, &start) || (encoding.is(UTF_8) && pieces.damage()?.is_little(*encoding));
            nearly = nearly.or_else(|| is_it.then_some(*encoding));
        }
        Err(in_none_of(candidates, |encoding| pieces.first_bad(encoding).ok().flatten()))
    }

    fn first_bad(&mut self, encoding: Charset) -> io::Result<Option<Bad>> {
        self.file.seek(SeekFrom::Start(self.from))?;
        let mut bytes = self.file.take(self.length);
        first_bad(&mut bytes, encoding)
    }

    /// Whether every byte is in this encoding; and whether what is so in UTF-8 is something else.
    fn fits(&mut self, disguise: &mut Disguise) -> io::Result<bool> {
        self.file.seek(SeekFrom::Start(self.from))?;
        let mut bytes = self.file.take(self.length);
        let mut decoder = self.encoding.decoder();
        let mut buffer = vec![0; PIECE];
        let (mut text, mut sample, mut looked_at) = (String::new(), String::new(), false);
        loop {
            let count = read_full(&mut bytes, &mut buffer)?;
            let last = count < buffer.len();
            text.clear();
            text.reserve(decoder.max_utf8_buffer_length_without_replacement(count).unwrap_or(count * 4));
            let (result, _) = decoder.decode_to_string_without_replacement(&buffer[..count], &mut text, last);
            if !matches!(result, DecoderResult::InputEmpty) {
                return Ok(false);
            }
            if self.encoding.is(UTF_8) {
                disguise.add(&text);
            }
            if !looked_at {
                sample.push_str(&text);
                looked_at = last || sample.len() >= SAMPLE * 4;
                if looked_at && !plausible(&sample, self.encoding) {
                    return Ok(false);
                }
            }
            if last {
                return Ok(true);
            }
        }
    }

    fn damage(&mut self) -> Result<Damage, Reason> {
        let mut damage = Damage::default();
        self.each(|text, _| {
            damage.add(text);
            text.len()
        })?;
        Ok(damage)
    }

    /// Calls `feed` with piece after piece of the text, and whether it is the last. It returns how many bytes it took; the
    /// others come again with more behind them.
    fn each(&mut self, mut feed: impl FnMut(&str, bool) -> usize) -> Result<(), Reason> {
        let told = |error: io::Error| trouble::NOT_READ.with("why", error.to_string());
        self.file.seek(SeekFrom::Start(self.from)).map_err(told)?;
        let mut bytes = self.file.take(self.length);
        let mut decoder = self.encoding.decoder();
        let mut buffer = vec![0; PIECE];
        let mut text = String::new();
        loop {
            let count = read_full(&mut bytes, &mut buffer).map_err(told)?;
            let last = count < buffer.len();
            text.reserve(decoder.max_utf8_buffer_length(count).unwrap_or(count * 4));
            let before = text.len();
            let _ = decoder.decode_to_string(&buffer[..count], &mut text, last);
            self.encoding.translate(&mut text, before);
            // What may be a mark of the end waits for what comes behind it.
            let usable = text.trim_end_matches(END_MARKS).len();
            if text[..usable].contains('\0') {
                let end = text.split_off(usable);
                text = text.replace('\0', " ") + &end;
            }
            let taken = feed(&text[..usable], last);
            if last {
                return Ok(());
            }
            text.drain(..taken);
            // One row is longer than a piece: larger pieces, so that it is not looked at again and again.
            if text.len() > buffer.len() / 2 {
                buffer.resize(buffer.len() * 2, 0);
            }
        }
    }
}

/// Bytes. Many rows, and few against the memory of any machine.
const PIECE: usize = 256 << 10;

/// Fills the buffer as far as there are bytes.
fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
