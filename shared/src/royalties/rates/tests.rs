use super::Rates;
use crate::royalties::amount::Hundredths;
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn each_day_has_its_regime_its_base_salary_and_its_tax() {
    let rates = Rates::built_in();
    for (on, regime, base, threshold) in [
        ("2024-07-01", "ND18_2014", 2_340_000, 2_000_000),
        ("2026-06-30", "ND18_2014", 2_340_000, 2_000_000),
        ("2026-07-01", "ND18_2014", 2_530_000, 5_000_000),
        ("2026-08-31", "ND18_2014", 2_530_000, 5_000_000),
        ("2026-09-01", "LOCAL", 2_530_000, 5_000_000),
        ("2031-01-01", "LOCAL", 2_530_000, 5_000_000),
    ] {
        let on = day(on);
        let found = rates.regime_on(on).map(|regime| regime.code.as_str());
        assert_eq!(found, Some(regime), "{on}");
        assert_eq!(
            rates.base_salary_on(on).map(|one| one.amount),
            Some(base),
            "{on}"
        );
        assert_eq!(
            rates.tax_on(on).map(|tax| tax.threshold),
            Some(threshold),
            "{on}"
        );
    }
    assert!(rates.base_salary_on(day("2024-06-30")).is_none());
    assert!(rates.regime_on(day("2014-05-31")).is_none());
}

#[test]
fn the_caps_of_the_old_regime_are_those_of_its_decree() {
    let rates = Rates::built_in();
    let old = rates.regime_on(day("2026-08-31")).expect("a regime");
    let cap = |code: &str| {
        let genre = old.genres.iter().find(|genre| genre.code == code);
        genre.expect(code).most.to_string()
    };
    for (code, most) in [
        ("tin", "10"),
        ("tra-loi", "10"),
        ("tranh", "10"),
        ("anh", "10"),
        ("chinh-luan", "30"),
        ("phong-su", "30"),
        ("van-hoc", "30"),
        ("nghien-cuu", "30"),
        ("da-phuong-tien", "50"),
    ] {
        assert_eq!(cap(code), most, "{code}");
    }
}

/// An entry that is graded before midnight and published after it has a line in the new table.
#[test]
fn the_regimes_name_their_genres_alike() {
    let rates = Rates::built_in();
    let codes: Vec<Vec<&str>> = rates
        .regimes
        .iter()
        .map(|regime| regime.genres.iter().map(|one| one.code.as_str()).collect())
        .collect();
    assert!(codes.windows(2).all(|pair| pair[0] == pair[1]), "{codes:?}");
}

#[test]
fn what_cannot_be_used_is_named_by_its_field() {
    let wrong_in = |change: fn(&mut Rates)| {
        let mut rates = Rates::built_in();
        change(&mut rates);
        let fields: Vec<String> = rates.mend().into_iter().map(|one| one.field).collect();
        fields
    };
    assert!(wrong_in(|_| ()).is_empty());
    for (change, field) in [
        (
            (|rates| rates.factor = Hundredths::default()) as fn(&mut Rates),
            "factor",
        ),
        (|rates| rates.ceiling = Some(0), "ceiling"),
        (
            |rates| rates.base_salaries[1].amount = -1,
            "salary_amount-1",
        ),
        (
            |rates| rates.base_salaries[1].from = rates.base_salaries[0].from,
            "salary_from-1",
        ),
        (|rates| rates.taxes.clear(), "tax_from-0"),
        (
            |rates| rates.taxes[0].rate = Hundredths::of_raw(10_001),
            "tax_rate-0",
        ),
        (
            |rates| rates.regimes[1].genres[0].most = Hundredths::of_raw(1),
            "genre_most-0",
        ),
        (
            |rates| rates.regimes[1].genres[1].code = "tin".to_owned(),
            "genre_name-1",
        ),
        (|rates| rates.regimes[1].basis.clear(), "basis"),
        (
            |rates| rates.regimes[0].translation.most = Hundredths::of_raw(10_100),
            "translation_most",
        ),
    ] {
        assert_eq!(wrong_in(change), [field], "{field}");
    }
}

#[test]
fn rates_are_kept_as_they_were_given() {
    let rates = Rates::built_in();
    let kept = serde_json::to_string(&rates).expect("JSON");
    assert_eq!(serde_json::from_str::<Rates>(&kept).expect("rates"), rates);
    assert!(Rates::parse("factor = \"100\"").is_err());
}
