//! The rules the content files keep among themselves.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, ensure};
use unicode_normalization::is_nfc;

use super::{Content, Entry, Kind, Picture, SiteRole, SlowEntry, Unit};

/// Whitespace-separated words a body must have at least.
const SHORTEST_ENTRY: usize = 120;
/// Words beside pictures, a video or a week.
const SHORTEST_BESIDE: usize = 15;
const SHORTEST_SLOW_ENTRY: usize = 55;

/// Checks everything that one file alone cannot tell.
pub(super) fn all(content: &Content) -> Result<()> {
    units(content).context("units.toml")?;
    sections(content).context("sections.toml")?;
    accounts(content).context("accounts.toml")?;
    super::cases::check(content, &content.cases).context("cases.toml")?;
    faces(content).context("faces.toml")?;
    let mut titles = HashMap::new();
    for entry in &content.entries {
        check_entry(content, entry).with_context(|| entry.file.clone())?;
        unused(&mut titles, &entry.title, &entry.file)?;
    }
    for entry in &content.slow {
        slow_entry(content, entry).with_context(|| entry.file.clone())?;
        unused(&mut titles, &entry.title, &entry.file)?;
    }
    Ok(())
}

/// A face belongs to a unit, names sections there are, and shows what can be painted.
fn faces(content: &Content) -> Result<()> {
    for told in &content.faces {
        let unit = &told.unit;
        ensure!(content.unit(unit).is_some(), "{unit}: no such unit");
        for code in told.face.sections() {
            let is_known = content.sections.iter().any(|section| section.slug == code);
            ensure!(is_known, "{unit}: no section {code}");
        }
        if let Some(banner) = &told.banner {
            let is_painted = pictures::subjects().any(|subject| subject == banner.subject);
            ensure!(is_painted, "{unit}: nobody paints {}", banner.subject);
        }
    }
    Ok(())
}

/// Text is stored composed: decomposed accents would break search, sorting and some fonts.
pub(super) fn spelling(file: &str, text: &str) -> Result<()> {
    for (index, line) in text.lines().enumerate() {
        ensure!(
            is_nfc(line),
            "{file}, line {}: normalise the text to NFC",
            index + 1
        );
    }
    Ok(())
}

fn units(content: &Content) -> Result<()> {
    let (mut slugs, mut ids, mut hosts) = (HashSet::new(), HashSet::new(), HashSet::new());
    for unit in &content.units {
        let Unit { slug, id, host, .. } = unit;
        let parent_known = unit
            .parent
            .as_ref()
            .is_none_or(|parent| slugs.contains(parent));
        ensure!(
            parent_known,
            "{slug}: list its parent before it, or correct `parent`"
        );
        ensure!(
            slugs.insert(slug.clone()),
            "{slug}: this slug is used twice"
        );
        ensure!(ids.insert(id), "{slug}: id {id} is used twice");
        ensure!(
            id.get_version_num() == 7,
            "{slug}: id {id} must be a version 7 UUID"
        );
        ensure!(
            host.is_none() || hosts.insert(host),
            "{slug}: its host is used twice"
        );
        let closed = unit.role == SiteRole::Closed;
        let over = unit.role.is_over();
        ensure!(closed || host.is_some(), "{slug}: give it a `host`");
        ensure!(
            closed || unit.site_name.is_some(),
            "{slug}: give it a `site_name`"
        );
        ensure!(
            over == unit.until.is_some(),
            "{slug}: a closed unit, and only a closed unit, has `until`"
        );
    }
    for unit in &content.units {
        for heir in unit.merged_into() {
            ensure!(
                slugs.contains(heir),
                "{}: merged into {heir}, which is not a unit",
                unit.slug
            );
        }
    }
    let hubs = content
        .units
        .iter()
        .filter(|unit| unit.role == SiteRole::Hub)
        .count();
    ensure!(hubs == 1, "there must be exactly one hub, not {hubs}");
    Ok(())
}

fn sections(content: &Content) -> Result<()> {
    let mut shown = HashMap::new();
    for section in &content.sections {
        let slug = &section.slug;
        ensure!(
            !section.shown_on.is_empty(),
            "{slug}: show it on at least one tree"
        );
        if let Some(parent) = &section.parent {
            let above: &Vec<_> = shown.get(parent).with_context(|| {
                format!("{slug}: list its parent before it, or correct `parent`")
            })?;
            let reachable = section.shown_on.iter().all(|tree| above.contains(tree));
            ensure!(
                reachable,
                "{slug}: is shown where its parent {parent} is not"
            );
        }
        let twice = shown
            .insert(slug.clone(), section.shown_on.clone())
            .is_some();
        ensure!(!twice, "{slug}: this slug is used twice");
    }
    Ok(())
}

fn accounts(content: &Content) -> Result<()> {
    let mut logins = HashSet::new();
    for account in &content.accounts {
        let unit = known_unit(content, &account.unit)?;
        ensure!(
            unit.role.is_native(),
            "{}: {} has no site of ours to sign in to",
            account.login,
            unit.slug
        );
        let plain = account
            .login
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        ensure!(
            plain,
            "{}: a login has only small letters and digits",
            account.login
        );
        let first = logins.insert((&account.unit, &account.login));
        ensure!(
            first,
            "{}: this login is used twice in {}",
            account.login,
            account.unit
        );
    }
    Ok(())
}

fn check_entry(content: &Content, entry: &Entry) -> Result<()> {
    placed(content, &entry.unit, &entry.section)?;
    written(
        &[&entry.title, &entry.author, &entry.lead],
        &entry.body,
        match entry.kind {
            Kind::Album | Kind::Video | Kind::Calendar | Kind::Poll => SHORTEST_BESIDE,
            _ => SHORTEST_ENTRY,
        },
    )?;
    painted(&entry.pictures)?;
    let is_document = entry.kind == Kind::Document;
    ensure!(
        is_document == entry.document.is_some(),
        "a document, and only a document, has [document]"
    );
    for (kind, is_there) in [
        (Kind::Video, entry.video.is_some()),
        (Kind::Calendar, entry.calendar.is_some()),
        (Kind::Consultation, entry.consultation.is_some()),
        (Kind::Question, entry.question.is_some()),
        (Kind::Poll, entry.poll.is_some()),
    ] {
        ensure!(
            is_there == (entry.kind == kind),
            "what belongs to {kind:?} is there, and only there"
        );
    }
    if let Some(document) = &entry.document {
        let published = entry.published.date_naive();
        ensure!(
            document.issued_on <= published,
            "issued_on is later than published"
        );
        ensure!(
            document.issued_on <= document.effective_on,
            "effective_on is before issued_on"
        );
    }
    if let Some(question) = &entry.question {
        let published = entry.published.date_naive();
        ensure!(
            question.asked_on <= question.answered_on && question.answered_on <= published,
            "asked_on, answered_on and published follow each other"
        );
    }
    if let Some(expires) = entry.expires {
        ensure!(entry.kind == Kind::Notice, "only a notice expires");
        ensure!(entry.published < expires, "expires is before published");
    }
    ensure!(
        entry.published.offset().local_minus_utc() == 7 * 3600,
        "write published with +07:00"
    );
    Ok(())
}

fn slow_entry(content: &Content, entry: &SlowEntry) -> Result<()> {
    let unit = placed(content, &entry.unit, &entry.section)?;
    let native = matches!(unit.role, SiteRole::Hub | SiteRole::Member);
    ensure!(native, "{} has no site of ours to publish on", unit.slug);
    written(
        &[&entry.title, &entry.author, &entry.lead],
        &entry.body,
        SHORTEST_SLOW_ENTRY,
    )?;
    painted(&entry.pictures)
}

fn placed<'a>(content: &'a Content, unit: &str, section: &str) -> Result<&'a Unit> {
    let unit = known_unit(content, unit)?;
    let known = content.sections.iter().find(|known| known.slug == section);
    let known = known.with_context(|| format!("section {section} is not in sections.toml"))?;
    let shown = known.shown_on.contains(&unit.tree);
    ensure!(
        shown,
        "section {section} is not shown on the sites of {}",
        unit.slug
    );
    Ok(unit)
}

fn known_unit<'a>(content: &'a Content, slug: &str) -> Result<&'a Unit> {
    content
        .unit(slug)
        .with_context(|| format!("unit {slug} is not in units.toml"))
}

fn written(lines: &[&str], body: &str, shortest: usize) -> Result<()> {
    let filled = lines.iter().all(|line| !line.trim().is_empty());
    ensure!(filled, "title, author and lead must not be empty");
    let words = body.split_whitespace().count();
    ensure!(
        words >= shortest,
        "the body has {words} words; write at least {shortest}"
    );
    Ok(())
}

fn painted(pictures: &[Picture]) -> Result<()> {
    for picture in pictures {
        let subject = &picture.subject;
        let known = pictures::subjects().any(|known| known == subject);
        ensure!(known, "no painter for the subject {subject}");
        let told = !picture.caption.trim().is_empty() && !picture.alt.trim().is_empty();
        ensure!(
            told,
            "the picture {subject} needs a caption and an alt text"
        );
    }
    Ok(())
}

fn unused<'a>(titles: &mut HashMap<&'a str, &'a str>, title: &'a str, file: &'a str) -> Result<()> {
    match titles.insert(title, file) {
        Some(other) => Err(anyhow::anyhow!("{file}: has the same title as {other}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    fn told(break_it: impl FnOnce(&mut Content)) -> String {
        let mut content = load().unwrap_or_else(|error| panic!("{error:#}"));
        break_it(&mut content);
        all(&content).map_or_else(|error| format!("{error:#}"), |()| "no complaint".to_owned())
    }

    #[test]
    fn broken_content_is_told_by_file_and_remedy() {
        let message = told(|content| content.units[2].id = content.units[1].id);
        assert!(
            message.starts_with("units.toml: ") && message.ends_with("is used twice"),
            "{message}"
        );

        let message = told(|content| content.entries[0].section = "thoi-tiet".to_owned());
        assert!(
            message.starts_with("articles/")
                && message.contains("thoi-tiet is not in sections.toml"),
            "{message}"
        );

        let message = told(|content| content.entries[0].body.truncate(0));
        assert!(message.contains("0 words; write at least"), "{message}");

        let message = told(|content| content.slow[0].title = content.slow[1].title.clone());
        assert!(message.contains("same title as slow/"), "{message}");

        let message = told(|content| content.accounts[0].unit = "khuyen-nong".to_owned());
        assert!(message.starts_with("accounts.toml: "), "{message}");
    }

    #[test]
    fn decomposed_text_is_refused_with_its_line() {
        let message = spelling("a.md", "Quảng\nNga\u{303}i").map(|()| String::new());
        let message = message.unwrap_or_else(|error| error.to_string());
        assert_eq!(message, "a.md, line 2: normalise the text to NFC");
    }
}
