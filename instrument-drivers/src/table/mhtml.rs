//! Pages in an archive of MIME parts (`.mht`, or `.xls` as Excel saves a "web archive"): RFC 2557, RFC 2045.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::charset::Charset;

/// `MIME-Version:` or the type of an archive among the first lines.
pub fn begins_as_archive(start: &[u8]) -> bool {
    let begins = start.trim_ascii_start().get(..MARK.len()).is_some_and(|first| first.eq_ignore_ascii_case(MARK));
    begins && String::from_utf8_lossy(start).to_ascii_lowercase().contains("multipart/related")
}

const MARK: &[u8] = b"MIME-Version:";

/// The pages among the parts, one behind the other; `None` when there is none.
pub fn pages(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let boundary = format!("--{}", parameter(&text, "boundary")?);
    let pages: Vec<String> = text.split(boundary.as_str()).skip(1).filter_map(page).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// The text of a part that is a page with a table.
fn page(part: &str) -> Option<String> {
    let part = part.trim_start_matches(['\r', '\n', ' ']);
    let blank = ["\r\n\r\n", "\n\n"].into_iter().filter_map(|mark| Some((part.find(mark)?, mark.len()))).min();
    let (at, length) = blank?;
    let (head, body) = (part[..at].to_ascii_lowercase(), &part[at + length..]);
    if !head.contains("text/html") {
        return None;
    }
    let bytes = if head.contains("base64") {
        STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?
    } else if head.contains("quoted-printable") {
        unquoted(body)
    } else {
        body.as_bytes().to_vec()
    };
    let named = parameter(&head, "charset").and_then(|name| Charset::named(&name));
    let page = named.unwrap_or_else(Charset::utf_8).decode(&bytes).into_owned();
    page.to_ascii_lowercase().contains("<table").then_some(page)
}

/// `charset="utf-8"`, with or without quotation marks.
fn parameter(head: &str, name: &str) -> Option<String> {
    let at = head.to_ascii_lowercase().find(&format!("{name}="))? + name.len() + 1;
    let rest = &head[at..];
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split(|c: char| c.is_whitespace() || c == ';').next()?,
    };
    (!value.is_empty()).then(|| value.to_string())
}

/// `=3D` is `=`; a line that ends with `=` goes on in the next one.
fn unquoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'=', [b'\r', b'\n', ..]) => rest = &behind[2..],
            (b'=', [b'\n', ..]) => rest = &behind[1..],
            (b'=', [high, low, ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = &behind[2..];
                }
                _ => bytes.push(b'='),
            },
            (byte, _) => bytes.push(*byte),
        }
    }
    bytes
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_an_archive() {
        let archive = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=\"X\"\n\n--X\nContent-Type: text/plain\n\n<table>no\n\
             --X\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/html; charset=\"gbk\"\n\n\
             <table><tr><td class=3Dx>=C7=A6</td><td>0.=\n5</td></tr></table>\n\
             --X\nContent-Transfer-Encoding: base64\nContent-Type: text/html\n\nPHRhYmxl\nPjI=\n--X--\n";
        assert!(begins_as_archive(archive.as_bytes()));
        let pages = pages(archive.as_bytes()).unwrap();
        assert_eq!(pages, "<table><tr><td class=x>铅</td><td>0.5</td></tr></table>\n\n<table>2");
        assert!(!begins_as_archive(b"MIME-Version: 1.0\nSample,Pb\n"));
        assert_eq!(super::pages(b"MIME-Version: 1.0\nmultipart/related; boundary=X\n--X--"), None);
    }
}
