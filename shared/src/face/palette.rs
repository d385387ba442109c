//! The colours a site may have: few, and each tried on all that is written in it.

use serde::{Deserialize, Serialize};

/// A set of colours. What each looks like is in the style sheet of its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Palette {
    /// Red, as sites are that chose nothing.
    #[default]
    Son,
    /// Blue.
    Lam,
    /// Green.
    La,
    /// Teal.
    Bien,
    /// Brown.
    Dat,
    /// Violet.
    Sim,
}

impl Palette {
    /// All, in the order they are offered.
    pub const ALL: [Self; 6] = [
        Self::Son,
        Self::Lam,
        Self::La,
        Self::Bien,
        Self::Dat,
        Self::Sim,
    ];

    /// Its name in forms and style sheets.
    pub fn code(self) -> &'static str {
        match self {
            Self::Son => "son",
            Self::Lam => "lam",
            Self::La => "la",
            Self::Bien => "bien",
            Self::Dat => "dat",
            Self::Sim => "sim",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Son => "Đỏ son",
            Self::Lam => "Xanh lam",
            Self::La => "Xanh lá rừng",
            Self::Bien => "Xanh nước biển",
            Self::Dat => "Nâu đất đỏ",
            Self::Sim => "Tím sim",
        }
    }

    /// The palette of that name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Its main colour, with which browsers paint what is around a page.
    pub fn theme_color(self) -> &'static str {
        match self {
            Self::Son => "#a6192e",
            Self::Lam => "#0b4a8f",
            Self::La => "#1b5e33",
            Self::Bien => "#00586b",
            Self::Dat => "#7a3b12",
            Self::Sim => "#6a1f6f",
        }
    }

    /// The style sheet that lays it over the usual one; the usual colours need none.
    pub fn style(self) -> Option<&'static str> {
        match self {
            Self::Son => None,
            Self::Lam => Some("mau-lam.css"),
            Self::La => Some("mau-la.css"),
            Self::Bien => Some("mau-bien.css"),
            Self::Dat => Some("mau-dat.css"),
            Self::Sim => Some("mau-sim.css"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::assets;

    /// The style as it is served.
    fn style(name: &str) -> String {
        let bytes = assets::bytes(name).unwrap_or_else(|| panic!("{name} was not built"));
        String::from_utf8(bytes).expect("text")
    }

    /// What `style` sets a variable to, first of all.
    fn set<'a>(style: &'a str, variable: &str) -> Option<&'a str> {
        let (_, rest) = style.split_once(&format!("{variable}:"))?;
        rest.split([';', '}']).next().map(str::trim)
    }

    /// Red, green and blue of `#rgb` or `#rrggbb`.
    fn channels(colour: &str) -> [f64; 3] {
        let hex = colour.trim().trim_start_matches('#');
        let wide: String = match hex.len() {
            3 => hex.chars().flat_map(|c| [c, c]).collect(),
            _ => hex.to_owned(),
        };
        [0, 2, 4].map(|at| {
            let part = u8::from_str_radix(&wide[at..at + 2], 16).expect("a colour");
            f64::from(part) / 255.0
        })
    }

    /// As WCAG 2.2 measures it.
    fn luminance(colour: &str) -> f64 {
        let [red, green, blue] = channels(colour).map(|part| match part <= 0.04045 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn contrast_is_measured_as_the_rules_do() {
        assert!((contrast("#000", "#ffffff") - 21.0).abs() < 0.01);
        assert!((contrast("#767676", "#fff") - 4.54).abs() < 0.01);
    }

    #[test]
    fn everything_written_in_any_palette_can_be_read() {
        let usual = style("site.css");
        for palette in Palette::ALL {
            let own = palette.style().map(style).unwrap_or_default();
            let colour = |variable: &str| {
                let found = set(&own, variable).or(set(&usual, variable));
                found.unwrap_or_else(|| panic!("{variable}")).to_owned()
            };
            let (main, deep, night) =
                (colour("--red"), colour("--red-deep"), colour("--red-night"));
            assert_eq!(main, palette.theme_color(), "{palette:?}");
            let (gold, on) = (colour("--gold"), colour("--on-red"));
            let pairs = [
                // Masthead, display bar, menu under the pointer, footer and its links.
                (&on, &main),
                (&on, &deep),
                (&on, &night),
                (&gold, &main),
                (&gold, &night),
                (&"#ffe9a6".to_owned(), &night),
                // Headings, numbers and the step of the menu one is at.
                (&main, &colour("--surface")),
                (&main, &colour("--surface-warm")),
                (&main, &"#fcfaf5".to_owned()),
                // The search button and the mark of invented data.
                (&"#3a0610".to_owned(), &gold),
            ];
            for (text, ground) in pairs {
                let measured = contrast(text, ground);
                assert!(
                    measured >= 4.5,
                    "{palette:?}: {text} on {ground} is {measured:.2}"
                );
            }
        }
    }

    #[test]
    fn the_readers_contrast_comes_before_any_palette() {
        for palette in Palette::ALL.into_iter().filter_map(Palette::style) {
            let style = style(palette);
            for rule in style.split('}').filter(|rule| rule.contains("--red")) {
                let is_bound = rule.contains(":not([data-tuong-phan=cao])");
                assert!(is_bound || !rule.contains("--red:"), "{palette}: {rule}");
            }
        }
    }

    #[test]
    fn each_palette_is_found_by_its_name() {
        for palette in Palette::ALL {
            assert_eq!(Palette::parse(palette.code()), Some(palette));
            let told = serde_json::to_string(&palette).expect("is told");
            assert_eq!(told, format!("\"{}\"", palette.code()));
            let expected = (palette != Palette::Son).then(|| format!("mau-{}.css", palette.code()));
            assert_eq!(palette.style(), expected.as_deref());
        }
        assert_eq!(Palette::parse("hong"), None);
    }
}
