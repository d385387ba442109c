//! An address as a QR code, drawn here: one path of an SVG that stands in the page itself.

use super::view::QrCode;
use crate::error::Result;
use qrcode::{Color, EcLevel};
use std::fmt::Write;

/// The blank modules around a code that readers need to find it.
const QUIET: usize = 4;

/// Draws `text`, with as much correction as paper that was folded needs.
pub fn draw(text: &str) -> Result<QrCode> {
    let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(anyhow::Error::new)?;
    Ok(QrCode {
        size: code.width() + 2 * QUIET,
        path: path(&code.to_colors(), code.width()),
    })
}

/// Each row as a line of strokes, one high: a third of what squares would take.
fn path(modules: &[Color], width: usize) -> String {
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        let mut drawn = None;
        for run in row.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                // Writing to a text cannot fail.
                let _ = match drawn {
                    None => write!(path, "M{} {}.5", x + QUIET, y + QUIET),
                    Some(end) => write!(path, "m{} 0", x - end),
                };
                let _ = write!(path, "h{}", run.len());
                drawn = Some(x + run.len());
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dark modules of a drawn code, painted from its path.
    fn painted(code: &QrCode) -> Vec<(usize, usize)> {
        let mut dark = Vec::new();
        let (mut x, mut y) = (0, 0);
        let spaced = code
            .path
            .replace('M', " M ")
            .replace('m', " m ")
            .replace('h', " h ");
        let mut words = spaced.split_whitespace();
        let number = |word: Option<&str>| -> usize {
            let word = word.expect("a number").trim_end_matches(".5");
            word.parse().expect("a number")
        };
        while let Some(order) = words.next() {
            match order {
                "M" => (x, y) = (number(words.next()), number(words.next())),
                "m" => {
                    x += number(words.next());
                    assert_eq!(words.next(), Some("0"));
                }
                "h" => {
                    for _ in 0..number(words.next()) {
                        dark.push((x - QUIET, y - QUIET));
                        x += 1;
                    }
                }
                other => panic!("{other}"),
            }
        }
        dark
    }

    #[test]
    fn every_dark_module_is_drawn_and_no_other() {
        let address =
            "https://konbraih.quangngai.example/xac-minh/01990000000070008000000000000001";
        let drawn = draw(address).expect("draws");
        let code =
            qrcode::QrCode::with_error_correction_level(address, EcLevel::M).expect("a code");
        assert_eq!(drawn.size, code.width() + 8);
        let modules = code.to_colors();
        let expected: Vec<(usize, usize)> = (0..modules.len())
            .filter(|at| modules[*at] == Color::Dark)
            .map(|at| (at % code.width(), at / code.width()))
            .collect();
        assert_eq!(painted(&drawn), expected);
        assert!(drawn.path.len() < 3_000, "{} bytes", drawn.path.len());
    }

    #[test]
    fn what_no_code_can_hold_is_an_error() {
        assert!(draw(&"a".repeat(5_000)).is_err());
    }
}
