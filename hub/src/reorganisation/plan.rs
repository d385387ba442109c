//! What an operation changes, to the last attribute: made before anything is done, and shown.

use super::operation::{Beginning, Ending, Kind, Operation};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use shared::directory::site_record;
use shared::error::Result;
use shared::log::Digest;
use shared::units::{Attribute, Name};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What planning comes to.
pub type Planned<T> = std::result::Result<T, Refusal>;

/// All that holds and held of each unit.
pub type Units = BTreeMap<Uuid, Vec<Attribute>>;

/// What an operation changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Units of which something changes.
    pub units: Vec<UnitChange>,
    /// Portals that become archives.
    pub archives: Vec<Archive>,
    /// Portals that answer elsewhere or are called otherwise.
    pub moves: Vec<Move>,
    /// Old host names, and where they lead.
    pub redirects: Vec<Redirect>,
    /// Units whose citizens' cases and offices go to another.
    pub handed_over: Vec<Handover>,
}

/// What changes of one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitChange {
    /// Which.
    pub unit: Uuid,
    /// What it is called until the day before; none for a new one.
    pub before: Option<String>,
    /// What it is called from the day on; none if it is no more.
    pub after: Option<String>,
    /// What ends the day before.
    pub closed: Vec<Attribute>,
    /// What begins on the day.
    pub opened: Vec<Attribute>,
    /// All that holds and held of it afterwards.
    pub result: Vec<Attribute>,
}

/// A portal that becomes an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// Which.
    pub site: Uuid,
    /// What it calls itself.
    pub title: String,
    /// Where it answered.
    pub was_at: String,
    /// Where it answers from then on.
    pub at: String,
}

/// A portal that answers elsewhere or is called otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Which.
    pub site: Uuid,
    /// Where it answered.
    pub was_at: String,
    /// Where it answers from then on.
    pub at: String,
    /// What it calls itself from then on.
    pub title: String,
}

/// An old host name and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The host name.
    pub host: String,
    /// Where.
    pub to: Leads,
}

/// Where an old host name leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leads {
    /// To the same paths at this address.
    SamePaths(String),
    /// The front page to the portal of this unit; all else is answered by the archive under the same name.
    FrontPage(Uuid),
    /// Everything to the portal of this unit: there is no archive.
    Everything(Uuid),
    /// Everything to the list of units that are no more: several took over.
    List,
}

/// What a unit was asked and told goes to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The unit that is no more.
    pub from: Uuid,
    /// The one that takes over.
    pub to: Uuid,
}

/// Why an operation cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It names no legal act.
    NoBasis,
    /// It says nothing of the kind it is called.
    Empty(Kind),
    /// Nobody knows this unit.
    UnknownUnit(Uuid),
    /// A new unit lacks its name, its kind or the unit above it.
    Incomplete(Uuid),
    /// It says the same unit twice.
    Twice(Uuid),
    /// A unit that ends goes into nothing.
    NoHeir(Uuid),
    /// A unit would go into itself or into one that ends as well, or stand above itself.
    Cycle(Uuid),
    /// The unit was no more before.
    AlreadyClosed(Uuid, NaiveDate),
    /// Something was decided of the unit that holds from that day or later.
    Overlaps(Uuid, NaiveDate),
    /// Units below it would be left without one above.
    HasUnits(Uuid, Uuid),
    /// Another portal or unit has this host name on that day.
    HostTaken(String),
    /// Another unit has this code on that day.
    CodeTaken(String, Uuid),
    /// The address of a portal is none.
    NoAddress(String),
}

/// What `operation` changes of `units` and `sites`, or why it cannot be carried out.
pub fn plan(operation: &Operation, units: &Units, sites: &[site_record::Model]) -> Planned<Plan> {
    let planning = Planning {
        operation,
        units,
        sites,
        day: operation.effective_on,
        eve: operation
            .effective_on
            .checked_sub_days(Days::new(1))
            .unwrap_or_default(),
    };
    planning.check_shape()?;
    let mut plan = Plan::default();
    for ending in &operation.ends {
        planning.end(ending, &mut plan)?;
    }
    for beginning in &operation.begins {
        planning.begin(beginning, &mut plan)?;
    }
    planning.check_result(&plan)?;
    Ok(plan)
}

impl Plan {
    /// What tells this plan for this operation from every other.
    pub fn mark(&self, operation: &Operation) -> Result<String> {
        let digest = Digest::of_canonical(&(operation, self)).map_err(anyhow::Error::new)?;
        Ok(digest.hex())
    }

    /// The sites everybody is told of anew.
    pub fn described(&self) -> Vec<Uuid> {
        let archives = self.archives.iter().map(|one| one.site);
        archives
            .chain(self.moves.iter().map(|one| one.site))
            .collect()
    }
}

/// The value of `name` on `day`.
pub fn value_on(attributes: &[Attribute], name: Name, day: NaiveDate) -> Option<&str> {
    let mut held = attributes.iter().rev();
    held.find(|one| one.name == name && one.holds_on(day))
        .map(|one| one.value.as_str())
}

struct Planning<'a> {
    operation: &'a Operation,
    units: &'a Units,
    sites: &'a [site_record::Model],
    day: NaiveDate,
    eve: NaiveDate,
}

impl Planning<'_> {
    fn check_shape(&self) -> Planned<()> {
        let Operation {
            kind, ends, begins, ..
        } = self.operation;
        if self.operation.basis.trim().is_empty() {
            return Err(Refusal::NoBasis);
        }
        let is_whole = match kind {
            Kind::Merge => !ends.is_empty(),
            Kind::Split => ends.iter().any(|ending| ending.into.len() > 1),
            Kind::Rename => {
                ends.is_empty()
                    && begins.len() == 1
                    && begins.iter().all(|one| {
                        one.name.is_some() || one.kind.is_some() || one.gso_code.is_some()
                    })
            }
            Kind::Move => {
                ends.is_empty()
                    && begins.len() == 1
                    && begins.iter().all(|one| one.base_url.is_some())
            }
        };
        if !is_whole {
            return Err(Refusal::Empty(*kind));
        }
        let ending = ends.iter().map(|ending| ending.unit);
        let named: Vec<Uuid> = ending.chain(begins.iter().map(|one| one.unit)).collect();
        for (place, unit) in named.iter().enumerate() {
            if named[..place].contains(unit) {
                return Err(Refusal::Twice(*unit));
            }
        }
        Ok(())
    }

    /// What is known of a unit that is there on the eve, and of which nothing later was decided.
    fn alive(&self, unit: Uuid) -> Planned<&[Attribute]> {
        let own = self.units.get(&unit).ok_or(Refusal::UnknownUnit(unit))?;
        if let Some(later) = own
            .iter()
            .filter_map(|one| one.valid_from)
            .find(|from| *from > self.day)
        {
            return Err(Refusal::Overlaps(unit, later));
        }
        if value_on(own, Name::Name, self.day).is_some() {
            return match own
                .iter()
                .filter_map(|one| one.valid_to)
                .find(|to| *to >= self.day)
            {
                Some(to) => Err(Refusal::Overlaps(unit, to)),
                None => Ok(own),
            };
        }
        let names = own.iter().filter(|one| one.name == Name::Name);
        match names.filter_map(|one| one.valid_to).max() {
            Some(last) => Err(Refusal::AlreadyClosed(unit, last)),
            None => Err(Refusal::UnknownUnit(unit)),
        }
    }

    fn site_of(&self, unit: Uuid) -> Option<&site_record::Model> {
        let mut open = self.sites.iter().filter(|site| !site.is_closed());
        open.find(|site| site.unit_id == unit)
    }

    fn is_ending(&self, unit: Uuid) -> bool {
        self.operation.ends.iter().any(|ending| ending.unit == unit)
    }

    fn end(&self, ending: &Ending, plan: &mut Plan) -> Planned<()> {
        let unit = ending.unit;
        let own = self.alive(unit)?;
        if let Some(same_day) = own.iter().find(|one| one.valid_from == Some(self.day)) {
            return Err(Refusal::Overlaps(
                unit,
                same_day.valid_from.unwrap_or(self.day),
            ));
        }
        let first = *ending.into.first().ok_or(Refusal::NoHeir(unit))?;
        for heir in &ending.into {
            if *heir == unit || self.is_ending(*heir) {
                return Err(Refusal::Cycle(unit));
            }
            let begins = self.operation.begins.iter().any(|one| one.unit == *heir);
            if !begins {
                self.alive(*heir)?;
            }
        }
        let mut change = Change::of(own, self.eve);
        let site = self.site_of(unit);
        if let Some(site) = site {
            change.had_host(site.authority());
        }
        change.close_all();
        for heir in &ending.into {
            let name = match self.operation.kind {
                Kind::Split => Name::SplitInto,
                _ => Name::MergedInto,
            };
            change.open(self.attribute(name, heir.to_string()));
        }
        let host = value_on(own, Name::Host, self.eve).map(str::to_owned);
        plan.units.push(change.told(unit, self.day));
        plan.handed_over.push(Handover {
            from: unit,
            to: first,
        });
        let alone = (ending.into.len() == 1).then_some(first);
        match site {
            Some(site) => {
                let at = ending
                    .archive
                    .clone()
                    .unwrap_or_else(|| site.base_url.clone());
                authority(&at)?;
                plan.redirects.extend(self.of_archive(site, &at, alone));
                plan.archives.push(Archive {
                    site: site.id,
                    title: site.title.clone(),
                    was_at: site.base_url.clone(),
                    at,
                });
            }
            None => plan.redirects.extend(host.map(|host| Redirect {
                host,
                to: alone.map_or(Leads::List, Leads::Everything),
            })),
        }
        Ok(())
    }

    /// Where the name of a portal leads that becomes an archive.
    fn of_archive(
        &self,
        site: &site_record::Model,
        at: &str,
        alone: Option<Uuid>,
    ) -> Option<Redirect> {
        let host = site.authority().to_owned();
        let to = match (*at == site.base_url, alone) {
            (false, _) => Leads::SamePaths(at.to_owned()),
            (true, Some(heir)) => Leads::FrontPage(heir),
            // Its front page says who took over.
            (true, None) => return None,
        };
        Some(Redirect { host, to })
    }

    fn begin(&self, beginning: &Beginning, plan: &mut Plan) -> Planned<()> {
        let unit = beginning.unit;
        let is_new = !self.units.contains_key(&unit);
        let own = match is_new {
            true => &[],
            false => self.alive(unit)?,
        };
        let is_whole = [&beginning.name, &beginning.kind]
            .into_iter()
            .all(Option::is_some)
            && beginning.parent.is_some();
        if is_new && !is_whole {
            return Err(Refusal::Incomplete(unit));
        }
        let mut change = Change::of(own, self.eve);
        let site = self.site_of(unit);
        let host = beginning.base_url.as_deref().map(authority).transpose()?;
        if let (Some(site), Some(host)) = (site, &host)
            && !site.authority().eq_ignore_ascii_case(host)
        {
            change.had_host(site.authority());
        }
        let short = beginning.name.as_deref().map(short_name);
        for (name, value) in [
            (Name::Name, beginning.name.clone()),
            (Name::ShortName, short),
            (Name::Kind, beginning.kind.clone()),
            (Name::GsoCode, beginning.gso_code.clone()),
            (Name::Parent, beginning.parent.map(|id| id.to_string())),
            (Name::Host, host),
        ] {
            let Some(value) = value else { continue };
            if let Some(one) = change.differing_on(self.day, name, &value) {
                return Err(Refusal::Overlaps(unit, one.valid_from.unwrap_or(self.day)));
            }
            change.put(self.attribute(name, value), self.day);
        }
        if let Some(site) = site {
            self.move_site(beginning, own, site, plan);
        }
        if change.is_any() {
            plan.units.push(change.told(unit, self.day));
        }
        Ok(())
    }

    fn move_site(
        &self,
        beginning: &Beginning,
        own: &[Attribute],
        site: &site_record::Model,
        plan: &mut Plan,
    ) {
        let at = beginning
            .base_url
            .clone()
            .unwrap_or_else(|| site.base_url.clone());
        let old_name = value_on(own, Name::Name, self.eve);
        let title = match (old_name, &beginning.name) {
            (Some(old), Some(new)) => renamed(&site.title, old, new),
            _ => site.title.clone(),
        };
        if at == site.base_url && title == site.title {
            return;
        }
        if at != site.base_url {
            plan.redirects.push(Redirect {
                host: site.authority().to_owned(),
                to: Leads::SamePaths(at.clone()),
            });
        }
        plan.moves.push(Move {
            site: site.id,
            was_at: site.base_url.clone(),
            at,
            title,
        });
    }

    fn attribute(&self, name: Name, value: String) -> Attribute {
        Attribute {
            name,
            value,
            valid_from: Some(self.day),
            valid_to: None,
            basis: Some(self.operation.basis.trim().to_owned()),
        }
    }

    /// What holds of all units and where all portals answer afterwards: nobody has what is another's.
    fn check_result(&self, plan: &Plan) -> Planned<()> {
        let mut after = self.units.clone();
        for change in &plan.units {
            after.insert(change.unit, change.result.clone());
        }
        let touched: Vec<Uuid> = plan.units.iter().map(|change| change.unit).collect();
        self.check_parents(&after, &touched)?;
        for change in &plan.units {
            let code = value_on(&change.result, Name::GsoCode, self.day);
            let Some(code) = code else { continue };
            let other = after.iter().find(|(unit, own)| {
                **unit != change.unit && value_on(own, Name::GsoCode, self.day) == Some(code)
            });
            if let Some((other, _)) = other {
                return Err(Refusal::CodeTaken(code.to_owned(), *other));
            }
        }
        self.check_hosts(&after, plan)
    }

    fn check_parents(&self, after: &Units, touched: &[Uuid]) -> Planned<()> {
        let parent = |unit: Uuid| -> Option<Uuid> {
            value_on(after.get(&unit)?, Name::Parent, self.day)?
                .parse()
                .ok()
        };
        for (unit, own) in after {
            if value_on(own, Name::Name, self.day).is_none() {
                continue;
            }
            match parent(*unit) {
                Some(above) if self.is_ending(above) => {
                    return Err(Refusal::HasUnits(above, *unit));
                }
                Some(above) if self.sets_parent(*unit) && !after.contains_key(&above) => {
                    return Err(Refusal::UnknownUnit(above));
                }
                _ => {}
            }
        }
        for unit in touched {
            let mut above = parent(*unit);
            for _ in 0..after.len() {
                match above {
                    Some(id) if id == *unit => return Err(Refusal::Cycle(*unit)),
                    Some(id) => above = parent(id),
                    None => break,
                }
            }
        }
        Ok(())
    }

    fn sets_parent(&self, unit: Uuid) -> bool {
        let mut begins = self.operation.begins.iter();
        begins.any(|one| one.unit == unit && one.parent.is_some())
    }

    fn check_hosts(&self, after: &Units, plan: &Plan) -> Planned<()> {
        let mut taken: BTreeMap<String, Uuid> = BTreeMap::new();
        let lands = |site: &site_record::Model| -> String {
            let archive = plan
                .archives
                .iter()
                .find(|one| one.site == site.id)
                .map(|one| &one.at);
            let moved = plan
                .moves
                .iter()
                .find(|one| one.site == site.id)
                .map(|one| &one.at);
            archive.or(moved).unwrap_or(&site.base_url).clone()
        };
        for site in self.sites {
            let host = authority(&lands(site))?;
            let changes = plan.described().contains(&site.id);
            match taken.get(&host) {
                Some(other) if changes || self.is_named(*other) => {
                    return Err(Refusal::HostTaken(host));
                }
                _ => {
                    taken.insert(host, site.unit_id);
                }
            }
        }
        for change in &plan.units {
            let Some(host) = value_on(&change.result, Name::Host, self.day) else {
                continue;
            };
            let host = host.to_ascii_lowercase();
            let is_anothers = taken.get(&host).is_some_and(|unit| *unit != change.unit)
                || after.iter().any(|(unit, own)| {
                    *unit != change.unit
                        && value_on(own, Name::Host, self.day)
                            .is_some_and(|other| other.eq_ignore_ascii_case(&host))
                });
            if is_anothers {
                return Err(Refusal::HostTaken(host));
            }
        }
        Ok(())
    }

    fn is_named(&self, unit: Uuid) -> bool {
        self.is_ending(unit) || self.operation.begins.iter().any(|one| one.unit == unit)
    }
}

/// The attributes of a unit, being changed.
struct Change {
    eve: NaiveDate,
    kept: Vec<Attribute>,
    closed: Vec<Attribute>,
    opened: Vec<Attribute>,
    before: Option<String>,
}

impl Change {
    fn of(own: &[Attribute], eve: NaiveDate) -> Self {
        Self {
            eve,
            kept: own.to_vec(),
            closed: Vec::new(),
            opened: Vec::new(),
            before: value_on(own, Name::Name, eve).map(str::to_owned),
        }
    }

    /// That its portal answered under `host` until now, where nobody has written that down.
    fn had_host(&mut self, host: &str) {
        let host = host.to_ascii_lowercase();
        let is_known = self.kept.iter().any(|one| {
            one.name == Name::Host
                && one.holds_on(self.eve)
                && one.value.eq_ignore_ascii_case(&host)
        });
        if !is_known {
            let had = Attribute {
                valid_to: Some(self.eve),
                ..Attribute::always(Name::Host, host)
            };
            self.closed.push(had.clone());
            self.kept.push(had);
        }
    }

    fn close_all(&mut self) {
        self.close(|_| true);
    }

    fn close(&mut self, which: impl Fn(&Attribute) -> bool) {
        for one in &mut self.kept {
            if one.valid_to.is_none() && which(one) {
                one.valid_to = Some(self.eve);
                self.closed.push(one.clone());
            }
        }
    }

    /// What begins on this very day with another value: it was decided elsewhere.
    fn differing_on(&self, day: NaiveDate, name: Name, value: &str) -> Option<&Attribute> {
        let begins = |one: &&Attribute| one.name == name && one.valid_from == Some(day);
        self.kept
            .iter()
            .find(|one| begins(one) && one.value != value)
    }

    /// Lets `one` hold from the day on, unless the same does already.
    fn put(&mut self, one: Attribute, day: NaiveDate) {
        if value_on(&self.kept, one.name, day) == Some(&one.value) {
            return;
        }
        self.close(|known| known.name == one.name);
        self.open(one);
    }

    fn open(&mut self, one: Attribute) {
        self.opened.push(one.clone());
        self.kept.push(one);
    }

    fn is_any(&self) -> bool {
        !self.closed.is_empty() || !self.opened.is_empty()
    }

    fn told(self, unit: Uuid, day: NaiveDate) -> UnitChange {
        UnitChange {
            unit,
            before: self.before,
            after: value_on(&self.kept, Name::Name, day).map(str::to_owned),
            closed: self.closed,
            opened: self.opened,
            result: self.kept,
        }
    }
}

/// Host and port of an address, in small letters.
fn authority(base_url: &str) -> Planned<String> {
    let wrong = || Refusal::NoAddress(base_url.to_owned());
    let (scheme, authority) = base_url.split_once("://").ok_or_else(wrong)?;
    let is_host = matches!(scheme, "http" | "https")
        && !authority.is_empty()
        && !authority.contains(['/', '?', '#', '@', ' ']);
    is_host
        .then(|| authority.to_ascii_lowercase())
        .ok_or_else(wrong)
}

/// A name without the kind before it: "xã Kon Braih" is Kon Braih.
fn short_name(name: &str) -> String {
    const KINDS: [&str; 6] = ["thị trấn ", "đặc khu ", "phường ", "huyện ", "tỉnh ", "xã "];
    let lower = name.to_lowercase();
    let kind = KINDS.iter().find(|kind| lower.starts_with(*kind));
    let begin = kind.map_or(0, |kind| kind.chars().count());
    name.chars().skip(begin).collect()
}

/// A title in which the old name stands, whatever its first letter, with the new one.
fn renamed(title: &str, old: &str, new: &str) -> String {
    let small = |text: &str| {
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_lowercase().to_string());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    };
    for (old, new) in [(old.to_owned(), new.to_owned()), (small(old), small(new))] {
        if title.contains(&old) {
            return title.replace(&old, &new);
        }
    }
    title.to_owned()
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said_of(&|unit| unit.to_string()))
    }
}

impl Refusal {
    /// What has to be mended, with `name` for what a unit is called.
    pub fn said_of(&self, name: &dyn Fn(Uuid) -> String) -> String {
        let day = |day: &NaiveDate| day.format("%d/%m/%Y").to_string();
        match self {
            Self::NoBasis => "Hãy ghi căn cứ: số và ngày của nghị quyết, quyết định.".to_owned(),
            Self::Empty(Kind::Merge) => {
                "Hãy chọn ít nhất một đơn vị được sáp nhập và đơn vị mới của nó.".to_owned()
            }
            Self::Empty(Kind::Split) => {
                "Chia tách cần một đơn vị đi vào ít nhất hai đơn vị.".to_owned()
            }
            Self::Empty(Kind::Rename) => {
                "Hãy chọn đúng một đơn vị và ghi tên, loại hoặc mã mới.".to_owned()
            }
            Self::Empty(Kind::Move) => "Hãy chọn đúng một đơn vị và ghi tên miền mới.".to_owned(),
            Self::UnknownUnit(unit) => format!("Không có đơn vị {} vào ngày đó.", name(*unit)),
            Self::Incomplete(_) => "Đơn vị mới cần có tên, loại và đơn vị cấp trên.".to_owned(),
            Self::Twice(unit) => format!(
                "{} được nêu hai lần: một đơn vị hoặc kết thúc, hoặc tiếp tục.",
                name(*unit)
            ),
            Self::NoHeir(unit) => format!("Hãy chọn đơn vị mà {} đi vào.", name(*unit)),
            Self::Cycle(unit) => format!(
                "{} không thể đi vào chính nó, vào đơn vị cùng kết thúc, hay nằm dưới chính nó.",
                name(*unit)
            ),
            Self::AlreadyClosed(unit, last) => {
                format!("{} đã kết thúc ngày {}.", name(*unit), day(last))
            }
            Self::Overlaps(unit, on) => format!(
                "{} đã có thay đổi khác tính đến ngày {}; hãy chọn ngày khác hoặc sửa thay đổi đó trước.",
                name(*unit),
                day(on)
            ),
            Self::HasUnits(above, below) => format!(
                "{} còn đơn vị trực thuộc là {}; hãy đưa cả đơn vị đó vào lần sắp xếp này.",
                name(*above),
                name(*below)
            ),
            Self::HostTaken(host) => format!(
                "Tên miền {host} đang thuộc trang khác. Hãy chọn tên miền khác, hoặc cho trang cũ một địa chỉ lưu trữ riêng."
            ),
            Self::CodeTaken(code, unit) => {
                format!("Mã {code} đang là của {} vào ngày đó.", name(*unit))
            }
            Self::NoAddress(address) => format!("{address} không phải địa chỉ của một trang."),
        }
    }
}
