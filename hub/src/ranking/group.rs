//! In which group a unit is.

use super::scheme::{Group, Scheme};

/// The group of a unit with the code `gso_code` and of `kind`: who names it, who names its kind, who takes the rest.
pub fn of<'a>(scheme: &'a Scheme, gso_code: Option<&str>, kind: &str) -> Option<&'a Group> {
    let named = gso_code.and_then(|code| {
        let mut groups = scheme.groups.iter();
        groups.find(|group| group.gso_codes.iter().any(|known| known == code))
    });
    let by_kind = || {
        let mut groups = scheme.groups.iter();
        groups.find(|group| group.kinds.iter().any(|known| known == kind))
    };
    let rest = || scheme.groups.iter().find(|group| group.rest);
    named.or_else(by_kind).or_else(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_before_a_kind() {
        let (mut scheme, _) = Scheme::built_in().expect("it reads");
        scheme.groups[0].gso_codes = vec!["23497".to_owned()];
        for (code, kind, expected) in [
            (Some("23497"), "xa", "xa-mien-nui"),
            (Some("23485"), "xa", "xa"),
            (None, "phuong", "phuong"),
            (None, "dac_khu", "dac-khu"),
            (None, "benh_vien", "so"),
            (None, "", "so"),
        ] {
            let group = of(&scheme, code, kind).expect("a group");
            assert_eq!(group.code, expected, "{code:?} {kind}");
        }
    }
}
