use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest word that is looked at for its marks, in bytes as spelt here: no language here has longer ones.
const LONGEST: usize = 60;

/// The words of `text` that bear marks, each spelt as typists of VNI spell it, tone last: "đường" is
/// `d9u7o7ng2`. Case and the place of the tone make no difference: "Hoà" and "hòa" are both `hoa2`.
/// Words without marks are left out, and so is what is not written in Latin letters.
pub fn marked_words(text: &str) -> Vec<String> {
    // Composed first: where a word ends must not depend on how its marks were typed.
    let text: String = text.nfc().collect();
    text.split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c)))
        .filter_map(spelt)
        .collect()
}

fn spelt(word: &str) -> Option<String> {
    let mut letters = String::new();
    // A syllable has one tone, wherever it is put: told by the end of the word, all places are one.
    let mut tones = String::new();
    let mut is_marked = false;
    for c in word.nfd().flat_map(char::to_lowercase) {
        let (part, figure) = match c {
            'a'..='z' | '0'..='9' => {
                letters.push(c);
                continue;
            }
            'đ' => {
                letters.push('d');
                (&mut letters, '9')
            }
            'ƀ' => {
                letters.push('b');
                (&mut letters, '9')
            }
            '\u{301}' => (&mut tones, '1'),
            '\u{300}' => (&mut tones, '2'),
            '\u{309}' => (&mut tones, '3'),
            '\u{303}' => (&mut tones, '4'),
            '\u{323}' => (&mut tones, '5'),
            '\u{302}' => (&mut letters, '6'),
            '\u{31b}' => (&mut letters, '7'),
            '\u{306}' => (&mut letters, '8'),
            // č, ë and whatever else the languages of the province write: VNI has no figure for them.
            other if is_combining_mark(other) => (&mut letters, '0'),
            _ => return None,
        };
        part.push(figure);
        is_marked = true;
    }
    (is_marked && letters.len() + tones.len() <= LONGEST).then(|| letters + &tones)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vietnamese::{fold, nfc};
    use proptest::prelude::*;

    fn of(text: &str) -> String {
        marked_words(text).join(" ")
    }

    #[test]
    fn words_are_one_when_their_marks_are() {
        let cases = [
            ("hoà", "hoa2"),
            ("hòa", "hoa2"),
            ("HOÀ", "hoa2"),
            ("ho\u{300}a", "hoa2"),
            ("hóa", "hoa1"),
            ("hoa", ""),
            ("Thuỷ Thủy thuý", "thuy3 thuy3 thuy1"),
            ("đường", "d9u7o7ng2"),
            ("Đường Kon Rẫy", "d9u7o7ng2 ra6y4"),
            ("Đăk Kôi, Đắk Kôi", "d9a8k ko6i d9a8k1 ko6i"),
            ("được, đựơc", "d9u7o7c5 d9u7o7c5"),
            ("184/QĐ-UBND", "qd9"),
            ("ƀơ\u{306} ê\u{306} č", "b9o78 e68 c0"),
            ("Hà Nội 2026 Москва й", "ha2 no6i5"),
        ];
        for (text, expected) in cases {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_becomes_letters_and_figures(text in "\\PC{0,40}") {
            for word in marked_words(&text) {
                prop_assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            }
            prop_assert_eq!(of(&nfc(&text)), of(&text.nfd().collect::<String>()));
        }

        #[test]
        fn words_without_marks_say_nothing(text in "[a-z0-9 ]{0,40}") {
            prop_assert_eq!(of(&fold(&text)), "");
        }
    }
}
