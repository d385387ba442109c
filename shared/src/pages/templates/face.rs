//! The page where a unit sets up how its site looks.

use crate::face::form::{HotlineRow, LinkRow};
use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// `/quan-tri/trang`: emblem, colours, menu, front page, banners, links, hotlines.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/face.html")]
pub struct FacePage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The revision that is shown; somebody else's is not overwritten.
    pub revision: u64,
    /// The emblem, 64 hexadecimal digits.
    pub emblem: String,
    /// The same as a picture.
    pub emblem_picture: Option<Picture>,
    /// The palettes.
    pub palettes: Vec<Choice>,
    /// The menu; nothing follows the sections.
    pub menu: Vec<FaceStep>,
    /// The blocks of the front page.
    pub blocks: Vec<FaceBlock>,
    /// The banners.
    pub banners: Vec<FaceBanner>,
    /// The links.
    pub links: Vec<LinkRow>,
    /// The hotlines.
    pub hotlines: Vec<HotlineRow>,
    /// Whether there is a face before this one.
    pub has_previous: bool,
    /// What was wrong.
    pub errors: FormErrors,
}

/// A step of the menu.
#[derive(Clone, Debug)]
pub struct FaceStep {
    /// What it is called.
    pub label: String,
    /// Where it may lead.
    pub targets: Vec<Choice>,
    /// The address it leads to, if none of those.
    pub address: String,
}

/// A block of the front page.
#[derive(Clone, Debug)]
pub struct FaceBlock {
    /// Its name in the form.
    pub code: String,
    /// What people call it.
    pub label: &'static str,
    /// Where it stands, in words.
    pub place: &'static str,
    /// Whether it is shown.
    pub is_on: bool,
    /// The sections to choose from, of a block that shows one.
    pub sections: Vec<Choice>,
}

/// A banner.
#[derive(Clone, Debug)]
pub struct FaceBanner {
    /// The picture, 64 hexadecimal digits.
    pub hex: String,
    /// The same as a picture.
    pub picture: Option<Picture>,
    /// What it says.
    pub alt: String,
    /// Where it leads.
    pub link: String,
    /// The last day it is shown, as browsers write days.
    pub until: String,
}
