//! `/quan-tri/huong-dan`: the manual for staff. It is carried inside the program, so that it is there without
//! any other site, and says what this version does. Other roles of a site bring manuals of their own ([`answer`]).

use super::around::AtDesk;
use crate::entries::body::from_markdown;
use crate::error::{Error, Result};
use crate::pages::templates::{ManualPage, ManualPart};
use crate::pages::view::Link;
use crate::vietnamese::slug;
use axum::extract::Path;
use axum::response::Response;
use image::ImageReader;
use rust_embed::RustEmbed;
use std::io::Cursor;

/// The page.
pub const PATH: &str = "/quan-tri/huong-dan";
/// A picture in it.
pub(super) const PICTURE: &str = "/quan-tri/huong-dan/anh/{name}";

/// What the manual for staff is called.
const NAME: &str = "Hướng dẫn";
const TEXT: &str = include_str!("../../../../docs/manuals/can-bo-xa.md");

/// Made by `cargo run -p tests --example manual_pictures`, and `province_pictures`.
#[derive(RustEmbed)]
#[folder = "../docs/manuals/anh/"]
struct Pictures;

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    answer(&at, NAME, TEXT).await
}

/// Answers with the manual `text`, in Markdown with pictures of the folder of all manuals.
pub async fn answer(at: &AtDesk, title: &str, text: &str) -> Result<Response> {
    let mut desk = at.desk(title, PATH).await?;
    let mut others = at.site.role.manuals();
    if title != NAME {
        desk.breadcrumb = vec![Link::new(NAME, PATH)];
        others.clear();
    }
    at.answer(&ManualPage {
        desk,
        others,
        parts: parts(text),
    })
}

pub(super) async fn picture(at: AtDesk, Path(name): Path<String>) -> Result<Response> {
    let file = Pictures::get(&name).ok_or(Error::NotFound)?;
    at.visit.answer_bytes("image/webp", file.data.into_owned())
}

/// The manual as a page shows it: headings that can be gone to, pictures on lines of their own, and what stands
/// between them.
fn parts(text: &str) -> Vec<ManualPart> {
    let mut parts = Vec::new();
    let mut between = String::new();
    for line in text.lines() {
        let part = match line.strip_prefix("## ") {
            Some(heading) => Some(ManualPart::Heading {
                id: slug(heading),
                text: heading.to_owned(),
            }),
            None => picture_of(line),
        };
        match part {
            Some(part) => {
                settle(&mut parts, &mut between);
                parts.push(part);
            }
            // The page has a title of its own.
            None if line.starts_with("# ") => {}
            None => {
                between.push_str(&without_documents(line));
                between.push('\n');
            }
        }
    }
    settle(&mut parts, &mut between);
    parts
}

/// The line without links to documents that lie beside the manual and not in the program; their words stay.
fn without_documents(line: &str) -> String {
    let mut said = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after
            .split_once("](")
            .and_then(|(words, target)| Some((words, target.split_once(')')?)));
        said.push_str(before);
        match link {
            Some((words, (target, behind))) if target.ends_with(".md") => {
                said.push_str(words);
                rest = behind;
            }
            _ => {
                said.push('[');
                rest = after;
            }
        }
    }
    said + rest
}

fn settle(parts: &mut Vec<ManualPart>, between: &mut String) {
    if !between.trim().is_empty() {
        parts.push(ManualPart::Text(from_markdown(between)));
    }
    between.clear();
}

/// `![What it shows](anh/name.webp)`, alone on its line.
fn picture_of(line: &str) -> Option<ManualPart> {
    let (alt, rest) = line.strip_prefix("![")?.split_once("](anh/")?;
    let name = rest.strip_suffix(')')?;
    let file = Pictures::get(name)?;
    let reader = ImageReader::new(Cursor::new(file.data)).with_guessed_format();
    let (width, height) = reader.ok()?.into_dimensions().ok()?;
    Some(ManualPart::Picture {
        url: PICTURE.replace("{name}", name),
        alt: alt.to_owned(),
        width,
        height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_PROVINCE: &str = include_str!("../../../../docs/manuals/quan-tri-tinh.md");
    /// Largest picture: staff open the manual over slow lines.
    const LARGEST: usize = 60_000;

    #[test]
    fn every_picture_the_manuals_speak_of_is_there_and_small_and_no_other() {
        let shown: Vec<String> = [TEXT, OF_PROVINCE]
            .into_iter()
            .flat_map(parts)
            .filter_map(|part| match part {
                ManualPart::Picture { url, .. } => {
                    url.rsplit_once('/').map(|(_, name)| name.to_owned())
                }
                _ => None,
            })
            .collect();
        let spoken_of = TEXT.matches("![").count() + OF_PROVINCE.matches("![").count();
        assert_eq!(shown.len(), spoken_of);
        for name in Pictures::iter() {
            assert!(shown.iter().any(|known| *known == *name), "{name} is shown");
            let size = Pictures::get(&name).map(|file| file.data.len());
            assert!(size.is_some_and(|size| size <= LARGEST), "{name}: {size:?}");
        }
        assert!(shown.len() >= 20, "{shown:?}");
    }

    #[test]
    fn documents_beside_the_manual_are_named_and_not_linked() {
        for (line, expected) in [
            ("xem [Keys](../operations/keys.md).", "xem Keys."),
            (
                "[a](b.md) và [c](https://d.example) [e]",
                "a và [c](https://d.example) [e]",
            ),
            ("không có gì", "không có gì"),
            ("[dở dang](x.md", "[dở dang](x.md"),
        ] {
            assert_eq!(without_documents(line), expected);
        }
    }

    #[test]
    fn headings_can_be_gone_to_and_text_keeps_its_meaning() {
        let parts =
            parts("# Tên\n\nMở đầu.\n\n## Viết bài\n\n- **một**\n\n![x](anh/khong-co.webp)\n");
        let [
            ManualPart::Text(first),
            ManualPart::Heading { id, text },
            ManualPart::Text(list),
        ] = parts.as_slice()
        else {
            panic!("{parts:?}")
        };
        assert_eq!(first.as_str().trim(), "<p>Mở đầu.</p>");
        assert_eq!((id.as_str(), text.as_str()), ("viet-bai", "Viết bài"));
        assert!(list.as_str().contains("<strong>một</strong>"));
    }
}
