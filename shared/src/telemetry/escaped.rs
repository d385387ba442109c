//! Log lines that stay one line and command no terminal, whatever a client sent.

use std::fmt::Write as _;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// Writes each event with control and text-direction characters spelt out as `\u001b`, which
/// is valid in JSON lines too.
pub(super) struct Escaped<W>(pub(super) W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Escaped<W> {
    type Writer = EscapedLine<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        EscapedLine(self.0.make_writer())
    }
}

/// Takes one whole event with each write, as tracing's formatter hands it over.
pub(super) struct EscapedLine<W>(W);

impl<W: Write> Write for EscapedLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let (line, end) = match text.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (&*text, ""),
        };
        let mut safe = String::with_capacity(text.len());
        for character in line.chars() {
            if is_treacherous(character) {
                write!(safe, "\\u{:04x}", u32::from(character)).map_err(io::Error::other)?;
            } else {
                safe.push(character);
            }
        }
        safe.push_str(end);
        self.0.write_all(safe.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Control characters, line separators, and those that turn the direction of text.
fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}
