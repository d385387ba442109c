//! What stands around every public page: who the site is, its menu, what is urgent.

use super::assets;
use super::bulletins;
use super::cards;
use super::share_picture;
use super::view::{
    CallLine, ClosedLine, Display, Frame, Head, Link, MenuItem, SiteFace, StandInLine, UrgentLine,
    ViewsLine,
};
use super::visit::Visit;
use crate::directory::closing::{self, Successor};
use crate::directory::site_record;
use crate::entries::{listing, section};
use crate::error::Result;
use crate::site::Site;
use crate::sync::peer;
use crate::units::{self, Tree};
use crate::vietnamese;
use chrono::TimeDelta;

/// How long an urgent notice that names no end stays above every page.
const URGENT_FOR: TimeDelta = TimeDelta::days(3);

/// Kinds of units that are governed by a people's committee, as their names begin.
const GOVERNED: [&str; 9] = [
    "tỉnh ",
    "thành phố ",
    "xã ",
    "phường ",
    "đặc khu ",
    "thị trấn ",
    "thị xã ",
    "quận ",
    "huyện ",
];

/// A frame in the making, with what it was made from.
#[derive(Clone, Debug)]
pub struct Around {
    /// The frame.
    pub frame: Frame,
    /// The sections of this site.
    pub sections: section::Tree,
    origin: String,
}

impl Around {
    /// The frame of any page of `site`, before it is told which.
    pub async fn load(site: &Site, visit: &Visit) -> Result<Self> {
        let sections = section::Tree::load(site.db.reader()).await?;
        let now = site.clock.now();
        let menu = site.face.get().menu(&sections).into_iter();
        let menu = menu.map(|item| MenuItem {
            current: item.url == visit.path,
            ..item
        });
        let frame = Frame {
            assets: assets::base().to_owned(),
            site: SiteFace {
                parent: parent(site).await?,
                ..face(site)
            },
            head: Head {
                description: Some(about(site)),
                image: Some(share_picture::of_site(site)),
                ..Head::default()
            },
            display: visit.display,
            menu: menu.collect(),
            breadcrumb: vec![Link::new("Trang chủ", "/")],
            here: String::new(),
            path: visit.path.clone(),
            today: visit.display.language.long_date(now),
            query: String::new(),
            bulletins: bulletins::lines(site, visit).await?,
            urgent: urgent(site, visit).await?,
            stand_in: stand_in(site).await?,
            closed: closed(site).await?,
            archives: archives(site).await?,
            is_preview: false,
            views: views(site),
        };
        Ok(Self {
            frame,
            sections,
            origin: site.origin(),
        })
    }

    /// Says which page this is: its name, and its path on this site.
    pub fn is_page(&mut self, name: &str, path: &str) {
        name.clone_into(&mut self.frame.head.title);
        name.clone_into(&mut self.frame.here);
        self.frame.head.canonical = Some(format!("{}{path}", self.origin));
    }

    /// Says in which section this page lies: the sections above it lead to it, and the menu shows
    /// where it is. The page of the section itself is not on the way to itself.
    pub fn lies_in(&mut self, code: &str) {
        let mut above: Vec<_> = self.sections.chain(code).collect();
        for item in &mut self.frame.menu {
            item.current |= above
                .iter()
                .any(|section| item.url == cards::section_path(&section.code));
        }
        above.reverse();
        let steps = above
            .into_iter()
            .map(|section| Link::new(&section.name, cards::section_path(&section.code)))
            .filter(|step| step.label != self.frame.here);
        self.frame.breadcrumb.extend(steps);
    }
}

/// A frame without anything from the database, for the pages that must not need it.
pub fn bare(site: &Site, display: Display) -> Frame {
    Frame {
        assets: assets::base().to_owned(),
        site: face(site),
        display,
        breadcrumb: vec![Link::new("Trang chủ", "/")],
        today: display.language.long_date(site.clock.now()),
        stand_in: shown_by(site),
        ..Frame::default()
    }
}

/// Who stands behind the site, as its settings say.
pub fn face(site: &Site) -> SiteFace {
    let profile = site.profile.clone();
    let phone = profile.phone.unwrap_or_default();
    let shown = site.face.get();
    let hotlines = shown.face.hotlines.iter().map(|hotline| CallLine {
        label: hotline.label.clone(),
        phone: hotline.phone.clone(),
        phone_link: phone_link(&hotline.phone),
    });
    SiteFace {
        name: profile.title,
        owner: owner(&profile.unit_name),
        emblem: shown.emblem(),
        palette: shown.face.palette,
        hotlines: hotlines.collect(),
        responsible: profile.responsible.unwrap_or_default(),
        address: profile.address.unwrap_or_default(),
        phone_link: phone_link(&phone),
        phone,
        email: profile.email.unwrap_or_default(),
        parent: None,
        demo: profile.is_demo,
    }
}

/// The body that answers for a unit: its people's committee, or a department itself.
fn owner(unit_name: &str) -> String {
    let lower = unit_name.to_lowercase();
    match GOVERNED.iter().find(|kind| lower.starts_with(*kind)) {
        Some(kind) => {
            let own_name = unit_name.chars().skip(kind.chars().count());
            format!("Ủy ban nhân dân {kind}{}", own_name.collect::<String>())
        }
        None => cards::capitalised(unit_name),
    }
}

/// A number as phones dial it, with the country's code.
pub fn phone_link(phone: &str) -> String {
    let digits: String = phone
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    match digits.strip_prefix('0') {
        Some(rest) => format!("+84{rest}"),
        None => digits,
    }
}

/// One sentence about the site, for search engines and previews.
fn about(site: &Site) -> String {
    let profile = &site.profile;
    profile.tagline.clone().unwrap_or_else(|| {
        format!(
            "Tin tức, văn bản, thông báo của {}.",
            owner(&profile.unit_name)
        )
    })
}

/// The portal of the unit above ours, if that has one.
async fn parent(site: &Site) -> Result<Option<Link>> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let tree: Tree = units::some_on(db, today, &[site.unit_id]).await?;
    let Some(above) = tree.get(site.unit_id).and_then(|unit| unit.parent) else {
        return Ok(None);
    };
    let portal = site_record::of_unit(db, above).await?;
    Ok(portal.map(|portal| Link::new(portal.title, format!("{}/", portal.base_url))))
}

/// Who shows this site while it cannot be reached.
fn shown_by(site: &Site) -> Option<StandInLine> {
    site.profile.shown_by.as_ref().map(|by| StandInLine {
        by: Link::new(&by.title, format!("{}/", by.origin)),
        as_of: None,
        back_at: None,
    })
}

/// The same, with the time of the last word from the site itself.
async fn stand_in(site: &Site) -> Result<Option<StandInLine>> {
    let Some(line) = shown_by(site) else {
        return Ok(None);
    };
    let itself = peer::find(site.db.reader(), site.id).await?;
    let heard = itself.and_then(|peer| peer.last_contact_at);
    Ok(Some(StandInLine {
        as_of: heard.map(cards::moment),
        back_at: bulletins::back_at(site).await?,
        ..line
    }))
}

/// That the unit of this site is no more, and what took its place.
async fn closed(site: &Site) -> Result<Option<ClosedLine>> {
    let db = site.db.reader();
    let closing = closing::of_site(db, site.id, site.clock.now()).await?;
    Ok(closing.map(|closing| ClosedLine {
        unit: cards::capitalised(&closing.unit),
        heirs: links(&closing.heirs),
        since: closing.since.map(cards::day),
        basis: closing.basis,
    }))
}

/// The units that took over, with the way to the front pages of their portals; an empty way where they have none.
pub fn links(heirs: &[Successor]) -> Vec<Link> {
    let link = |heir: &Successor| {
        let base = heir.base_url.as_ref();
        Link::new(
            &heir.name,
            base.map(|base| format!("{base}/")).unwrap_or_default(),
        )
    };
    heirs.iter().map(link).collect()
}

/// The archives of the units that went into ours.
async fn archives(site: &Site) -> Result<Vec<Link>> {
    let db = site.db.reader();
    let today = vietnamese::local(site.clock.now()).date_naive();
    let before = units::succession::predecessors(db, today, site.unit_id).await?;
    if before.is_empty() {
        return Ok(Vec::new());
    }
    let names = units::some_on(db, today, &before).await?;
    let sites = site_record::ever_of_units(db, &before).await?;
    let closed = sites.into_iter().filter(site_record::Model::is_closed);
    Ok(closed
        .map(|site| {
            Link::new(
                cards::capitalised(&names.name_of(site.unit_id)),
                site.base_url,
            )
        })
        .collect())
}

/// How often the site's pages were opened, as far as it counts.
fn views(site: &Site) -> Option<ViewsLine> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let (figures, at) = site.readership.figures(today)?;
    Some(ViewsLine {
        today: vietnamese::grouped(figures.today),
        month: vietnamese::grouped(figures.month),
        year: vietnamese::grouped(figures.year),
        total: vietnamese::grouped(figures.total),
        as_of: cards::moment(at.timestamp_millis()),
    })
}

/// The emergency of the hour, unless the reader has closed it. A later revision is said again.
async fn urgent(site: &Site, visit: &Visit) -> Result<Option<UrgentLine>> {
    let now = site.clock.now();
    let since = (now - URGENT_FOR).timestamp_millis();
    let found = listing::emergency(site.db.reader(), now.timestamp_millis(), since).await?;
    let line = found.map(|listed| UrgentLine {
        text: listed.title().to_owned(),
        url: Some(listed.entry.path()),
        at: cards::moment(listed.entry.revised_at),
        token: format!("{}-{}", listed.entry.entry_id.simple(), listed.entry.rev),
    });
    Ok(line.filter(|line| !visit.closed_notices.contains(&line.token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_footer_names_who_answers_and_how_to_call() {
        assert_eq!(owner("xã Kon Braih"), "Ủy ban nhân dân xã Kon Braih");
        assert_eq!(owner("Xã Kon Braih"), "Ủy ban nhân dân xã Kon Braih");
        assert_eq!(owner("tỉnh Quảng Ngãi"), "Ủy ban nhân dân tỉnh Quảng Ngãi");
        assert_eq!(owner("sở Y tế"), "Sở Y tế");
        assert_eq!(phone_link("0260 3824 000"), "+842603824000");
        assert_eq!(phone_link("+84 (260) 3824-000"), "+842603824000");
        assert_eq!(phone_link(""), "");
    }
}
