use super::route::{Moment, Route, Source};
use shared::entries::Mode;
use shared::log::Lane;
use shared::sync::audience::Membership;
use shared::sync::{Audience, Selector};
use shared::units::Tree;
use uuid::Uuid;

/// What is to be routed.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The unit that speaks.
    pub unit: Uuid,
    /// The section it stands in at its origin.
    pub section: &'a str,
    /// Its kind.
    pub kind: &'a str,
}

/// Where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// To whom, and how.
    pub audience: Audience,
    /// Whether some route makes it urgent.
    pub lane: Option<Lane>,
}

/// Where `subject` goes at `moment`. Pure: the routes and the tree of units are all it depends on.
pub fn targets(
    subject: &Subject<'_>,
    moment: Moment,
    routes: &[Route],
    tree: &Tree,
    province: Uuid,
) -> Routed {
    let mut routed = Routed::default();
    for route in routes {
        let applies =
            route.active && route.moment == moment && route.source.carries(subject, tree, province);
        if applies {
            for target in &route.targets {
                routed.audience.add(target.clone(), route.mode);
            }
            routed.lane = match (routed.lane, route.lane) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
    routed
}

impl Routed {
    /// What follows an earlier revision goes at least where that went, whatever the routes are now.
    #[must_use]
    pub fn following(mut self, rev: i64, so_far: &Audience) -> Self {
        if rev > 1 {
            self.audience = self.audience.union(so_far);
        }
        self
    }

    /// To everybody besides: where a withdrawal goes when the hub may have forgotten to whom it sent the
    /// entry, because its database was once an older copy.
    #[must_use]
    pub fn reaching_all(mut self) -> Self {
        self.audience.add(Selector::Everyone, Mode::Suggested);
        self
    }

    /// The lane it travels in, where its own is `own`: never a less urgent one.
    pub fn lane_beside(&self, own: Lane) -> Lane {
        self.lane.map_or(own, |lane| lane.min(own))
    }
}

impl Source {
    /// Whether it carries `subject`.
    pub(super) fn carries(&self, subject: &Subject<'_>, tree: &Tree, province: Uuid) -> bool {
        let member = Membership {
            unit: subject.unit,
            is_upstream: false,
        };
        let is_from = match &self.from {
            Some(from) => from.selects(&member, tree),
            // The province's own entries take their own routes.
            None => subject.unit != province,
        };
        let has =
            |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
        is_from && has(&self.sections, subject.section) && has(&self.kinds, subject.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::route::defaults;
    use shared::units::attribute::{Model, Name};

    const PROVINCE: Uuid = Uuid::from_u128(1);
    const KON_BRAIH: Uuid = Uuid::from_u128(2);
    const DAK_KOI: Uuid = Uuid::from_u128(3);
    const TOURISM: Uuid = Uuid::from_u128(4);

    fn tree() -> Tree {
        let attribute = |unit, name: Name, value: String| Model {
            id: 0,
            unit_id: unit,
            name: name.as_str().to_owned(),
            value,
            valid_from: None,
            valid_to: None,
            basis: None,
        };
        let below = |unit| attribute(unit, Name::Parent, PROVINCE.to_string());
        let kind = |unit, kind: &str| attribute(unit, Name::Kind, kind.to_owned());
        let attributes = [
            kind(PROVINCE, "tinh"),
            kind(KON_BRAIH, "xa"),
            below(KON_BRAIH),
            kind(DAK_KOI, "xa"),
            below(DAK_KOI),
            kind(TOURISM, "so"),
            below(TOURISM),
        ];
        Tree::on("2026-11-23".parse().expect("a day"), &attributes)
    }

    fn modes(routed: &Routed) -> [Option<Mode>; 3] {
        [KON_BRAIH, DAK_KOI, TOURISM].map(|unit| {
            let member = Membership {
                unit,
                is_upstream: false,
            };
            routed.audience.mode_for(&member, &tree())
        })
    }

    #[test]
    fn the_default_routes_of_a_province() {
        let routes = defaults(PROVINCE);
        let subject = |unit, kind| Subject {
            unit,
            section: "kinh-te",
            kind,
        };
        let go =
            |unit, kind, moment| targets(&subject(unit, kind), moment, &routes, &tree(), PROVINCE);

        let arrived = go(KON_BRAIH, "article", Moment::Arrival);
        assert_eq!(
            arrived.audience,
            Audience::of(Selector::Unit(PROVINCE), Mode::Suggested)
        );
        assert_eq!(
            modes(&arrived),
            [None; 3],
            "neighbours wait for the province"
        );

        let accepted = go(KON_BRAIH, "article", Moment::Acceptance);
        assert_eq!(modes(&accepted), [Some(Mode::Suggested); 3]);

        assert!(go(KON_BRAIH, "page", Moment::Arrival).audience.is_empty());
        assert_eq!(
            modes(&go(PROVINCE, "notice", Moment::Arrival)),
            [Some(Mode::Mandatory); 3]
        );
        assert_eq!(
            modes(&go(PROVINCE, "article", Moment::Arrival)),
            [Some(Mode::Suggested); 3]
        );
    }

    #[test]
    fn a_route_narrows_by_unit_section_and_kind_and_may_be_out_of_force() {
        let mut route = Route::new(
            "Cảnh báo lũ từ vùng cao",
            Source {
                from: Some(Selector::Level("xa".to_owned())),
                sections: vec!["phong-chong-thien-tai".to_owned()],
                kinds: vec!["notice".to_owned()],
            },
            Selector::Level("xa".to_owned()),
            Mode::Mandatory,
            Moment::Arrival,
        );
        route.lane = Some(Lane::Urgent);
        let flood = |unit, section, kind| Subject {
            unit,
            section,
            kind,
        };
        let cases = [
            (flood(KON_BRAIH, "phong-chong-thien-tai", "notice"), true),
            (flood(KON_BRAIH, "kinh-te", "notice"), false),
            (flood(KON_BRAIH, "phong-chong-thien-tai", "article"), false),
            (flood(TOURISM, "phong-chong-thien-tai", "notice"), false),
        ];
        for (subject, expected) in cases {
            let routed = targets(
                &subject,
                Moment::Arrival,
                std::slice::from_ref(&route),
                &tree(),
                PROVINCE,
            );
            assert_eq!(!routed.audience.is_empty(), expected, "{subject:?}");
            assert_eq!(routed.lane, expected.then_some(Lane::Urgent));
        }
        route.active = false;
        let subject = flood(KON_BRAIH, "phong-chong-thien-tai", "notice");
        assert_eq!(
            targets(&subject, Moment::Arrival, &[route], &tree(), PROVINCE),
            Routed::default()
        );
    }
}
