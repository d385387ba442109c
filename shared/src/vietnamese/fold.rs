use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The composed form everything is stored in: text typed on some systems arrives decomposed and
/// falls apart on screen.
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// The form words are searched in: lower case, without marks, đ as d and ƀ as b (neither
/// decomposes). "Kon Rẫy", "KON RẪY" and "kon ray" become one; so do "hoà" and "hòa".
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'đ' => 'd',
            'ƀ' => 'b',
            other => other,
        })
        .collect()
}

/// Longest slug, in bytes.
const LONGEST_SLUG: usize = 80;

/// Words for an address: folded, joined by hyphens, cut at a word. Never identifies anything.
pub fn slug(text: &str) -> String {
    let folded = fold(text);
    let mut slug = String::new();
    for word in folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let longer = slug.len() + word.len() + usize::from(!slug.is_empty());
        if longer > LONGEST_SLUG {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() {
        "muc".to_owned()
    } else {
        slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_people_type_fold_to_one() {
        let groups = [
            vec!["Kon Rẫy", "KON RẪY", "kon ray", "Kon Ra\u{302}\u{303}y"],
            vec!["hoà", "hòa", "HOA"],
            vec!["Đăk Tơ Lung", "Đắk tơ lung", "dak to lung"],
            vec!["Thuỷ", "Thủy", "thuy"],
            vec!["ƀ\u{306}ơ\u{306}", "bo"],
        ];
        for group in groups {
            for spelling in &group {
                assert_eq!(fold(spelling), fold(group[0]), "{spelling}");
            }
        }
    }

    #[test]
    fn slugs_are_words_cut_at_a_word() {
        assert_eq!(
            slug("Quyết định số 184/QĐ-UBND"),
            "quyet-dinh-so-184-qd-ubnd"
        );
        assert_eq!(slug("  "), "muc");
        let long = slug(&"đường ".repeat(40));
        assert!(long.len() <= LONGEST_SLUG && long.ends_with("duong"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_and_does_not_depend_on_composition(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), fold(&nfc(&text)));
        }
    }
}
