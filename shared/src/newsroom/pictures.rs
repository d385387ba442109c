//! Pictures as a draft shows them: in order, each with what it shows, who made it and where the eye
//! should be. The forms of all kinds speak of them in the same fields.

use super::form;
use crate::entries::{Attachment, MediaRole};
use crate::error::FieldError;
use crate::log::Digest;
use crate::media::Focus;
use serde::{Deserialize, Serialize};

/// Most pictures of an album.
pub const MOST_PICTURES: usize = 60;
/// Longest description, caption or credit, in characters.
const LONGEST: usize = 300;

/// A picture of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// What it shows, for those who cannot see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// Said of a picture that shows nothing a reader would miss.
    #[serde(default)]
    pub decorates: bool,
    /// The line under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Who made it, or where it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// What lists must not cut off.
    #[serde(default, skip_serializing_if = "Focus::is_centre")]
    pub focus: Focus,
}

impl Shown {
    /// The picture `digest`, of which nothing is said yet.
    pub fn new(digest: Digest) -> Self {
        Self {
            digest,
            alt: None,
            decorates: false,
            caption: None,
            credit: None,
            focus: Focus::default(),
        }
    }

    /// Its description as entries carry it: empty if it decorates, none if it was forgotten.
    pub fn description(&self) -> Option<String> {
        match self.decorates {
            true => Some(String::new()),
            false => self.alt.clone(),
        }
    }

    /// Says in `attachment` how the picture is shown.
    #[must_use]
    pub fn describe(&self, attachment: Attachment) -> Attachment {
        Attachment {
            title: self.caption.clone(),
            alt: self.description(),
            credit: self.credit.clone(),
            focus: self.focus,
            ..attachment
        }
    }

    /// As an entry that was published shows it.
    pub fn of(attachment: &Attachment) -> Self {
        Self {
            digest: attachment.sha256,
            alt: attachment.alt.clone().filter(|alt| !alt.is_empty()),
            decorates: attachment.alt.as_deref() == Some(""),
            caption: attachment.title.clone(),
            credit: attachment.credit.clone(),
            focus: attachment.focus,
        }
    }
}

/// The pictures of an item for `role`, in order.
pub fn of_role(attachments: &[Attachment], role: MediaRole) -> impl Iterator<Item = Shown> {
    attachments
        .iter()
        .filter(move |attachment| attachment.role == role)
        .map(Shown::of)
}

/// What a form says of a list of pictures. The fields of one picture stand at the same place of each list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PictureFields {
    /// Digests, in order.
    pub pic: Vec<String>,
    /// What each shows.
    pub pic_alt: Vec<String>,
    /// The line under each.
    pub pic_caption: Vec<String>,
    /// Who made each.
    pub pic_credit: Vec<String>,
    /// [`Focus`] of each, by name.
    pub pic_focus: Vec<String>,
    /// Digests of those that only decorate.
    pub pic_decorates: Vec<String>,
    /// The button: `up`, `down` or `drop`, a colon, and a digest.
    pub pic_move: String,
}

impl PictureFields {
    /// Takes one field of a form; hands it back if it is none of these.
    pub fn put(&mut self, name: &str, value: String) -> Option<String> {
        let list = match name {
            "pic" => &mut self.pic,
            "pic_alt" => &mut self.pic_alt,
            "pic_caption" => &mut self.pic_caption,
            "pic_credit" => &mut self.pic_credit,
            "pic_focus" => &mut self.pic_focus,
            "pic_decorates" => &mut self.pic_decorates,
            "pic_move" => {
                self.pic_move = value;
                return None;
            }
            _ => return Some(value),
        };
        list.push(value);
        None
    }

    /// Adds a picture at the end.
    pub fn push(&mut self, shown: &Shown) {
        let hex = shown.digest.hex();
        if shown.decorates {
            self.pic_decorates.push(hex.clone());
        }
        // A browser leaves no field of a picture out; a form of ours made by hand may.
        let place = self.pic.len();
        self.pic.push(hex);
        for (list, value) in [
            (&mut self.pic_alt, shown.alt.clone()),
            (&mut self.pic_caption, shown.caption.clone()),
            (&mut self.pic_credit, shown.credit.clone()),
            (&mut self.pic_focus, Some(shown.focus.as_str().to_owned())),
        ] {
            list.resize(place, String::new());
            list.push(value.unwrap_or_default());
        }
    }

    /// What the form said of `pictures`.
    pub fn of(pictures: &[Shown]) -> Self {
        let mut fields = Self::default();
        for picture in pictures {
            fields.push(picture);
        }
        fields
    }

    /// The pictures in their order, after what the button did; each once. What is no digest is none.
    pub fn read(&self) -> Vec<Shown> {
        let line = |list: &[String], place: usize| {
            let typed = list.get(place).map(String::as_str).unwrap_or_default();
            let line = form::line(typed);
            (!line.is_empty()).then_some(line)
        };
        let mut pictures: Vec<Shown> = Vec::new();
        for (place, hex) in self.pic.iter().enumerate() {
            let Ok(digest) = Digest::from_hex(hex) else {
                continue;
            };
            if pictures.iter().any(|known| known.digest == digest) {
                continue;
            }
            pictures.push(Shown {
                digest,
                alt: line(&self.pic_alt, place),
                decorates: self.pic_decorates.contains(hex),
                caption: line(&self.pic_caption, place),
                credit: line(&self.pic_credit, place),
                focus: Focus::parse(self.pic_focus.get(place).map_or("", String::as_str)),
            });
        }
        moved(pictures, &self.pic_move)
    }

    /// What there is to mend.
    pub fn check(&self) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        if self.pic.len() > MOST_PICTURES {
            wrong.push(FieldError::new(
                "album",
                format!("Mỗi album có tối đa {MOST_PICTURES} ảnh."),
            ));
        }
        let lists = [&self.pic_alt, &self.pic_caption, &self.pic_credit];
        let is_long = |text: &String| text.chars().count() > LONGEST;
        if lists.into_iter().flatten().any(is_long) {
            wrong.push(FieldError::new(
                "album",
                format!("Mô tả, chú thích và nguồn ảnh dài tối đa {LONGEST} ký tự."),
            ));
        }
        wrong
    }
}

/// `pictures` after the button `up:…`, `down:…` or `drop:…`.
fn moved(mut pictures: Vec<Shown>, button: &str) -> Vec<Shown> {
    let Some((way, hex)) = button.split_once(':') else {
        return pictures;
    };
    let Some(place) = pictures.iter().position(|one| one.digest.hex() == hex) else {
        return pictures;
    };
    match way {
        "up" if place > 0 => pictures.swap(place, place - 1),
        "down" if place + 1 < pictures.len() => pictures.swap(place, place + 1),
        "drop" => {
            pictures.remove(place);
        }
        _ => {}
    }
    pictures
}

/// What album pictures still lack before they can be published.
pub fn lacking(pictures: &[Shown]) -> Option<FieldError> {
    let without: Vec<String> = pictures
        .iter()
        .enumerate()
        .filter(|(_, picture)| picture.description().is_none())
        .map(|(place, _)| (place + 1).to_string())
        .collect();
    (!without.is_empty()).then(|| {
        FieldError::new(
            "album",
            format!(
                "Ảnh số {} chưa có mô tả cho người không nhìn thấy.",
                without.join(", ")
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn three() -> PictureFields {
        let mut fields = PictureFields::default();
        for number in 1..=3 {
            fields.push(&Shown {
                alt: Some(format!("Ảnh {number}")),
                ..Shown::new(digest(number))
            });
        }
        fields
    }

    #[test]
    fn buttons_move_pictures_and_all_that_is_said_of_them() {
        let cases = [
            ("", [1, 2, 3].as_slice()),
            ("up:2", &[2, 1, 3]),
            ("up:1", &[1, 2, 3]),
            ("down:2", &[1, 3, 2]),
            ("down:3", &[1, 2, 3]),
            ("drop:2", &[1, 3]),
            ("drop:9", &[1, 2, 3]),
            ("spin:2", &[1, 2, 3]),
        ];
        for (button, expected) in cases {
            let mut fields = three();
            if let Some((way, number)) = button.split_once(':') {
                let number = number.parse().expect("a number");
                fields.pic_move = format!("{way}:{}", digest(number).hex());
            }
            let read = fields.read();
            let order: Vec<u8> = read.iter().map(|one| one.digest.as_bytes()[0]).collect();
            assert_eq!(order, expected, "{button}");
            for one in read {
                let told = format!("Ảnh {}", one.digest.as_bytes()[0]);
                assert_eq!(one.alt.as_deref(), Some(told.as_str()), "{button}");
            }
        }
    }

    #[test]
    fn a_form_that_was_sent_in_parts_comes_back_as_it_was() {
        let mut sent = PictureFields::default();
        let hex = digest(7).hex();
        for (name, value) in [
            ("pic", hex.as_str()),
            ("pic_alt", " Cầu  treo\n"),
            ("pic_caption", ""),
            ("pic_credit", "Ảnh: Y Thử"),
            ("pic_focus", "top"),
            ("pic", "../x"),
            ("pic", hex.as_str()),
        ] {
            assert_eq!(sent.put(name, value.to_owned()), None);
        }
        assert!(sent.put("title", "x".to_owned()).is_some());
        let read = sent.read();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].alt.as_deref(), Some("Cầu treo"));
        assert_eq!(read[0].focus, Focus::Top);
        assert_eq!(PictureFields::of(&read).read(), read);
    }

    #[test]
    fn a_picture_is_described_or_said_to_decorate() {
        let bare = Shown::new(digest(1));
        let decorates = Shown {
            decorates: true,
            ..Shown::new(digest(2))
        };
        assert_eq!(decorates.description().as_deref(), Some(""));
        let lacks = lacking(&[decorates.clone(), bare]).expect("lacks one");
        assert!(lacks.message.contains("Ảnh số 2"), "{}", lacks.message);
        assert_eq!(lacking(&[decorates]), None);
    }
}
