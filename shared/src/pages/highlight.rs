//! Showing where the words that were asked for stand in a text, marks or no marks.

use super::view::Fragment;
use crate::vietnamese::fold;

/// How many letters of an excerpt stand before the first word found.
const BEFORE: usize = 60;
/// How long an excerpt is, in letters.
const EXCERPT: usize = 240;

/// `text` in pieces, those in `words` marked. `words` are folded; the last may be the beginning of one.
pub fn marked(text: &str, words: &[String]) -> Vec<Fragment> {
    let mut pieces: Vec<Fragment> = Vec::new();
    let mut written = 0;
    for (start, end) in hits(text, words) {
        if let Some(last) = pieces.last_mut()
            && last.hit
            && text[written..start].trim().is_empty()
        {
            // Neighbours are one mark, with the blank between them.
            last.text.push_str(&text[written..end]);
        } else {
            push(&mut pieces, &text[written..start], false);
            push(&mut pieces, &text[start..end], true);
        }
        written = end;
    }
    push(&mut pieces, &text[written..], false);
    pieces
}

/// The part of `text` around the first of `words` in it; `None` if there is none.
pub fn excerpt(text: &str, words: &[String]) -> Option<Vec<Fragment>> {
    let (first, _) = hits(text, words).next()?;
    let letters_before = text[..first].char_indices().rev().map(|(place, _)| place);
    let start = match letters_before.take(BEFORE).last() {
        Some(0) | None => 0,
        // Begin with a whole word.
        Some(place) => text[place..first]
            .find(char::is_whitespace)
            .map_or(first, |blank| place + blank + 1),
    };
    let window = text[start..].char_indices().nth(EXCERPT);
    let end = match window {
        None => text.len(),
        Some((length, _)) => {
            let cut = &text[start..start + length];
            start + cut.rfind(char::is_whitespace).unwrap_or(length)
        }
    };
    let mut pieces = marked(&text[start..end], words);
    if start > 0 {
        pieces.insert(0, fragment("… ", false));
    }
    if end < text.len() {
        pieces.push(fragment(" …", false));
    }
    Some(pieces)
}

/// Where words of `words` stand in `text`, as ranges of bytes.
fn hits<'a>(text: &'a str, words: &'a [String]) -> impl Iterator<Item = (usize, usize)> + 'a {
    words_in(text).filter(|(start, end)| {
        let word = fold(&text[*start..*end]);
        let (unfinished, whole) = match words.split_last() {
            Some(split) => split,
            None => return false,
        };
        word.starts_with(unfinished.as_str()) || whole.contains(&word)
    })
}

/// The words of `text`. Marks typed apart from their letters belong to the word.
fn words_in(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let is_part =
        |c: char| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(is_part)?;
        let length = text[start..].find(|c| !is_part(c));
        let end = length.map_or(text.len(), |length| start + length);
        from = end;
        Some((start, end))
    })
}

fn push(pieces: &mut Vec<Fragment>, text: &str, hit: bool) {
    if !text.is_empty() {
        pieces.push(fragment(text, hit));
    }
}

fn fragment(text: &str, hit: bool) -> Fragment {
    Fragment {
        text: text.to_owned(),
        hit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn shown(pieces: &[Fragment]) -> String {
        pieces
            .iter()
            .map(|piece| match piece.hit {
                true => format!("[{}]", piece.text),
                false => piece.text.clone(),
            })
            .collect()
    }

    #[test]
    fn words_are_found_whatever_their_marks() {
        let cases = [
            (
                "Đường Kon Rẫy mở rộng",
                "kon ray",
                "Đường [Kon Rẫy] mở rộng",
            ),
            ("HÒA Bình, hoà thuận", "hoa", "[HÒA] Bình, [hoà] thuận"),
            ("đi đường", "duo", "đi [đường]"),
            ("không", "khac", "không"),
            (
                "Kế hoạch 184/QĐ-UBND",
                "184 qd ubnd",
                "Kế hoạch [184]/[QĐ]-[UBND]",
            ),
        ];
        for (text, asked, expected) in cases {
            assert_eq!(shown(&marked(text, &words(asked))), expected);
        }
    }

    #[test]
    fn an_excerpt_is_cut_at_words_around_the_first_hit() {
        let text = format!("{} cầu treo {}", "một ".repeat(100), "hai ".repeat(100));
        let excerpt = shown(&excerpt(&text, &words("cau treo")).expect("found"));
        assert!(excerpt.starts_with("… một một "), "{excerpt}");
        assert!(excerpt.contains(" [cầu treo] hai "));
        assert!(excerpt.ends_with("hai …"));
        assert!(excerpt.chars().count() < EXCERPT + 10);
    }

    #[test]
    fn a_text_without_the_words_has_no_excerpt() {
        assert!(excerpt("Chợ phiên", &words("cau")).is_none());
        assert!(excerpt("", &words("cau")).is_none());
    }

    proptest! {
        #[test]
        fn marking_changes_no_letter(text in "\\PC{0,60}", asked in "[a-z]{1,3}( [a-z]{1,3}){0,2}") {
            let pieces = marked(&text, &words(&asked));
            let joined: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            prop_assert_eq!(joined, text.clone());
            let _ = excerpt(&text, &words(&asked));
        }
    }
}
