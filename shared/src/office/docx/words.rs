//! Everything a file says anywhere, for whoever looks through it.

use super::DocxError;
use super::package::Package;
use super::xml::{Step, walk};

/// What the file says, part by part.
pub(super) fn of(package: &Package) -> Result<String, DocxError> {
    let mut text = String::new();
    let mut names: Vec<&String> = package.names().iter().collect();
    names.sort_unstable();
    for name in names {
        let Some(takes_all) = reads(name) else {
            continue;
        };
        if let Some(xml) = package.optional_xml(name)? {
            add(&xml, takes_all, &mut text)?;
            end_line(&mut text);
        }
    }
    Ok(text)
}

/// Whether a part has words, and whether all its text is words.
fn reads(name: &str) -> Option<bool> {
    const SAYS_NOTHING: [&str; 6] = [
        "word/styles.xml",
        "word/stylesWithEffects.xml",
        "word/settings.xml",
        "word/webSettings.xml",
        "word/fontTable.xml",
        "word/numbering.xml",
    ];
    if !name.ends_with(".xml") || SAYS_NOTHING.contains(&name) || name.starts_with("word/theme/") {
        return None;
    }
    if name.starts_with("docProps/") || name.starts_with("customXml/") {
        return Some(true);
    }
    name.starts_with("word/").then_some(false)
}

fn add(xml: &str, takes_all: bool, text: &mut String) -> Result<(), DocxError> {
    let mut inside = 0_usize;
    walk(xml, |step| {
        match step {
            Step::Start(tag) => {
                // Watermarks and descriptions of pictures are attributes.
                for name in ["string", "descr", "alt", "title"] {
                    let speaks = matches!(
                        tag.name(),
                        "textpath" | "docPr" | "cNvPr" | "shape" | "imagedata"
                    );
                    if let Some(words) = tag.get(name).filter(|_| speaks) {
                        end_line(text);
                        text.push_str(&words);
                        end_line(text);
                    }
                }
                match tag.name() {
                    "t" | "delText" | "instrText" | "v" => inside += 1,
                    "tab" => text.push(' '),
                    "br" | "cr" => end_line(text),
                    _ => {}
                }
            }
            Step::Text(words) if inside > 0 => text.push_str(words),
            Step::Text(words) if takes_all => {
                text.push_str(words.trim());
                end_line(text);
            }
            Step::Text(_) => {}
            Step::End("t" | "delText" | "instrText" | "v") => inside = inside.saturating_sub(1),
            Step::End("p" | "tc" | "comment" | "footnote") => end_line(text),
            Step::End(_) => {}
        }
        Ok(())
    })
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// The title in the file's properties.
pub(super) fn core_title(package: &Package) -> Result<Option<String>, DocxError> {
    let mut title = String::new();
    let mut is_inside = false;
    if let Some(xml) = package.optional_xml("docProps/core.xml")? {
        walk(&xml, |step| {
            match step {
                Step::Start(tag) => is_inside = tag.name() == "title",
                Step::Text(words) if is_inside => title.push_str(words),
                Step::Text(_) => {}
                Step::End(_) => is_inside = false,
            }
            Ok(())
        })?;
    }
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok((!title.is_empty()).then_some(title))
}
