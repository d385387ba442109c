//! What a part's ids stand for: links out, and other parts.

use super::DocxError;
use super::package::Package;
use super::xml::{Step, walk};
use std::collections::HashMap;

/// Where an id leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An address outside.
    Outside(String),
    /// A file of the package.
    Inside(String),
}

pub(super) type Relations = HashMap<String, Target>;

/// The relations of `part`.
pub(super) fn read(package: &Package, part: &str) -> Result<Relations, DocxError> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let path = format!("{folder}/_rels/{name}.rels");
    let mut relations = Relations::new();
    let Some(xml) = package.optional_xml(path.trim_start_matches('/'))? else {
        return Ok(relations);
    };
    each(&xml, |id, _, target, is_outside| {
        let target = if is_outside {
            Target::Outside(target)
        } else {
            Target::Inside(within(folder, &target))
        };
        relations.insert(id, target);
    })?;
    Ok(relations)
}

/// The part with the body, as the package says it.
pub(super) fn main_part(package: &Package) -> Result<Option<String>, DocxError> {
    let mut found = None;
    if let Some(xml) = package.optional_xml("_rels/.rels")? {
        each(&xml, |_, kind, target, _| {
            if kind.ends_with("/officeDocument") {
                found = Some(within("", &target));
            }
        })?;
    }
    Ok(found)
}

fn each(xml: &str, mut found: impl FnMut(String, String, String, bool)) -> Result<(), DocxError> {
    walk(xml, |step| {
        if let Step::Start(tag) = step
            && tag.name() == "Relationship"
            && let (Some(id), Some(target)) = (tag.get("Id"), tag.get("Target"))
        {
            let is_outside = tag.get("TargetMode").as_deref() == Some("External");
            found(id, tag.get("Type").unwrap_or_default(), target, is_outside);
        }
        Ok(())
    })
}

/// The name of a file that `folder` calls `target`.
fn within(folder: &str, target: &str) -> String {
    let whole = match target.strip_prefix('/') {
        Some(from_the_top) => from_the_top.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut parts = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}
