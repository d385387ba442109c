//! Where in a picture the eye should be when a list cuts its edges off.

use serde::{Deserialize, Serialize};

/// One of nine places. Pages say it by the name of a class, since a strict policy lets no style be
/// written into a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Focus {
    /// Upper left.
    TopLeft,
    /// Upper middle.
    Top,
    /// Upper right.
    TopRight,
    /// Middle left.
    Left,
    /// The middle, where nobody chose.
    #[default]
    Centre,
    /// Middle right.
    Right,
    /// Lower left.
    BottomLeft,
    /// Lower middle.
    Bottom,
    /// Lower right.
    BottomRight,
}

impl Focus {
    /// All places, line by line.
    pub const ALL: [Self; 9] = [
        Self::TopLeft,
        Self::Top,
        Self::TopRight,
        Self::Left,
        Self::Centre,
        Self::Right,
        Self::BottomLeft,
        Self::Bottom,
        Self::BottomRight,
    ];

    /// Its name in forms, in the database, on the wire, and after `focus-` as a class.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TopLeft => "top-left",
            Self::Top => "top",
            Self::TopRight => "top-right",
            Self::Left => "left",
            Self::Centre => "centre",
            Self::Right => "right",
            Self::BottomLeft => "bottom-left",
            Self::Bottom => "bottom",
            Self::BottomRight => "bottom-right",
        }
    }

    /// The place of that name; the middle for what is none.
    pub fn parse(name: &str) -> Self {
        let named = Self::ALL.into_iter().find(|focus| focus.as_str() == name);
        named.unwrap_or_default()
    }

    /// What staff choose by.
    pub fn label(self) -> &'static str {
        match self {
            Self::TopLeft => "Góc trên bên trái",
            Self::Top => "Phía trên",
            Self::TopRight => "Góc trên bên phải",
            Self::Left => "Bên trái",
            Self::Centre => "Chính giữa",
            Self::Right => "Bên phải",
            Self::BottomLeft => "Góc dưới bên trái",
            Self::Bottom => "Phía dưới",
            Self::BottomRight => "Góc dưới bên phải",
        }
    }

    /// Whether nobody chose another.
    pub fn is_centre(&self) -> bool {
        *self == Self::Centre
    }
}

/// A name of a later version is the middle: where a list cuts is no reason to refuse an entry.
pub(crate) fn lenient<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Focus, D::Error> {
    Ok(Focus::parse(&String::deserialize(from)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_others_are_the_middle() {
        for focus in Focus::ALL {
            assert_eq!(Focus::parse(focus.as_str()), focus);
            assert_eq!(
                serde_json::to_value(focus).expect("writes"),
                serde_json::Value::from(focus.as_str())
            );
        }
        assert_eq!(Focus::parse("50% 20%"), Focus::Centre);
    }
}
