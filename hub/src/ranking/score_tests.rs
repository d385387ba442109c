use super::*;

/// A scheme of four indicators, so that each case can be reckoned by hand.
fn scheme() -> Scheme {
    let (mut scheme, _) = Scheme::built_in().expect("it reads");
    scheme
        .indicators
        .retain(|one| ["C2", "E1", "I1", "U1"].contains(&one.code.as_str()));
    for (indicator, points) in scheme.indicators.iter_mut().zip([2000, 4000, 3000, 1000]) {
        indicator.points = Points(points);
    }
    scheme.ties = vec!["I1".to_owned(), "C2".to_owned()];
    scheme
}

fn entrant(number: u128, values: &[(Input, i64)]) -> Entrant {
    Entrant {
        unit: Uuid::from_u128(number),
        group: "xa".to_owned(),
        values: values.iter().copied().collect(),
    }
}

fn alone(values: &[(Input, i64)]) -> Score {
    score(&scheme(), 1, &[entrant(1, values)]).remove(0)
}

#[test]
fn what_is_not_measured_goes_to_the_others_and_sums_to_a_hundred() {
    use Input::{Documents, DocumentsComplete, Originals, QuestionsDated, QuestionsOnTime};
    // 20 of C2, 40 of E1; I1 and U1 are not measured: 33,33 and 66,67.
    let found = alone(&[(Documents, 3), (DocumentsComplete, 1), (Originals, 6)]);
    let worths: Vec<i64> = found.lines.iter().map(|line| line.worth.0).collect();
    assert_eq!(worths, [3333, 6667, 0, 0]);
    let points: Vec<i64> = found.lines.iter().map(|line| line.points.0).collect();
    // A third of 33,33; half of 66,67, rounded up.
    assert_eq!(points, [1111, 3334, 0, 0]);
    assert_eq!((found.total, found.class.as_str()), (Points(4445), "Yếu"));
    assert!(found.standing(Table::Of(Category::HoiDap)).is_none());
    let standing = found.standing(Table::Of(Category::VanBan)).expect("ranked");
    assert_eq!(standing.points, Points(3333));

    // All that is measured and reached is a hundred, however it is divided.
    let full = alone(&[
        (Documents, 7),
        (DocumentsComplete, 7),
        (Originals, 400),
        (QuestionsDated, 3),
        (QuestionsOnTime, 3),
    ]);
    assert_eq!(
        (full.total, full.class.as_str()),
        (Points::FULL, "Xuất sắc")
    );
    // Of whom nothing is known there is nothing to rank.
    let unknown = alone(&[]);
    assert_eq!((unknown.total, unknown.standings.len()), (Points(0), 0));
}

#[test]
fn a_quota_caps_what_counts_and_grows_with_the_months() {
    for (originals, months, percent) in [
        (0, 1, 0),
        (3, 1, 2500),
        (12, 1, 10_000),
        (500, 1, 10_000),
        (12, 3, 3333),
        (36, 3, 10_000),
    ] {
        let entrants = [entrant(1, &[(Input::Originals, originals)])];
        let found = score(&scheme(), months, &entrants).remove(0);
        let fraction = found
            .line("E1")
            .and_then(|line| line.fraction)
            .expect("measured");
        assert_eq!(
            fraction.percent(),
            Points(percent),
            "{originals} in {months}"
        );
    }
}

#[test]
fn grades_weigh_and_deductions_end_at_nothing() {
    let (scheme, _) = Scheme::built_in().expect("it reads");
    let reached = |values: &[(Input, i64)], code: &str| {
        let found = score(&scheme, 1, &[entrant(1, values)]).remove(0);
        found
            .line(code)
            .and_then(|line| line.fraction)
            .map(Fraction::percent)
    };
    use Input::{AcceptedA, AcceptedB, AcceptedC, Corrections, Items, Returned, ScreeningHits};
    // 1 + 0,8 + 0,6 of 3.
    let graded = [(AcceptedA, 1), (AcceptedB, 1), (AcceptedC, 1)];
    assert_eq!(reached(&graded, "E2"), Some(Points(8000)));
    assert_eq!(reached(&[], "E2"), None);
    for (values, expected) in [
        (vec![(Items, 5)], Some(Points(10_000))),
        (vec![(Items, 0), (Returned, 1)], None),
        // 4 − 0,25 − 0,5 − 1 of 4.
        (
            vec![
                (Items, 5),
                (Corrections, 1),
                (Returned, 1),
                (ScreeningHits, 1),
            ],
            Some(Points(5625)),
        ),
        (vec![(Items, 5), (ScreeningHits, 9)], Some(Points(0))),
    ] {
        assert_eq!(reached(&values, "E3"), expected, "{values:?}");
    }
}

#[test]
fn percentiles_are_of_the_group_alone() {
    use Input::{Population, Views};
    let of =
        |number, views, population| entrant(number, &[(Views, views), (Population, population)]);
    let mut entrants = vec![
        of(1, 100, 1000),
        of(2, 50, 1000),
        of(3, 200, 2000),
        of(4, 1, 1000),
    ];
    // Not of the group, and without people: it is compared with nobody.
    entrants.push(Entrant {
        group: "phuong".to_owned(),
        ..of(5, 9_000, 10)
    });
    entrants.push(of(6, 9_000, 0));
    let scores = score(&scheme(), 1, &entrants);
    let percents: Vec<Option<i64>> = scores
        .iter()
        .map(|score| score.line("U1").and_then(|line| line.fraction))
        .map(|fraction| fraction.map(|fraction| fraction.percent().0))
        .collect();
    assert_eq!(
        percents,
        [
            Some(10_000),
            Some(5000),
            Some(10_000),
            Some(2500),
            Some(10_000),
            None
        ]
    );
    // Of times the shorter is better.
    let (scheme, _) = Scheme::built_in().expect("it reads");
    let entrants: Vec<Entrant> = [300, 1500, 300, 700]
        .into_iter()
        .zip(1..)
        .map(|(days, number)| entrant(number, &[(Input::AnswerDaysMedian, days)]))
        .collect();
    let percents: Vec<i64> = super::score(&scheme, 1, &entrants)
        .iter()
        .filter_map(|score| score.line("I2").and_then(|line| line.fraction))
        .map(|fraction| fraction.percent().0)
        .collect();
    assert_eq!(percents, [10_000, 2500, 10_000, 5000]);
}

#[test]
fn penalties_and_bonuses_have_their_bounds() {
    use Input::{CasesLate, DataLeaks, Documents, DocumentsComplete, DrillsMissed};
    use Input::{EthnicItems, SecretsPublished, Videos};
    let half = [(Documents, 2), (DocumentsComplete, 1)];
    for (extra, total) in [
        (vec![], 5000),
        (vec![(DrillsMissed, 1)], 4700),
        (vec![(DataLeaks, 2)], 4000),
        (vec![(DataLeaks, 20)], 0),
        (vec![(CasesLate, 4)], 4800),
        (vec![(CasesLate, 4000)], 4500),
        (vec![(Videos, 2), (EthnicItems, 1)], 5100),
        (vec![(Videos, 200)], 5300),
        (vec![(SecretsPublished, 1), (Videos, 2)], 0),
    ] {
        let values: Vec<_> = half.iter().copied().chain(extra).collect();
        let found = alone(&values);
        assert_eq!(found.total, Points(total), "{values:?}");
    }
}

#[test]
fn who_is_level_shares_a_place_unless_a_tie_is_broken() {
    use Input::{Documents, DocumentsComplete, QuestionsDated, QuestionsOnTime};
    let of = |number, complete: i64, on_time: Option<i64>| {
        let mut values = vec![(Documents, 100), (DocumentsComplete, complete)];
        if let Some(on_time) = on_time {
            values.extend([(QuestionsDated, 100), (QuestionsOnTime, on_time)]);
        }
        entrant(number, &values)
    };
    // C2 is worth 40 and I1 60 where both are measured. 4: only C2. 70 in all for three of them.
    let entrants = [
        of(1, 70, Some(70)),
        of(2, 100, Some(50)),
        of(3, 70, Some(70)),
        of(4, 70, None),
        of(5, 99, Some(99)),
        of(6, 10, Some(10)),
    ];
    let scores = score(&scheme(), 1, &entrants);
    let told: Vec<(i64, u32, u32)> = scores
        .iter()
        .map(|score| {
            let standing = score.standing(Table::Total).expect("ranked");
            (score.total.0, standing.overall.place, standing.overall.of)
        })
        .collect();
    assert_eq!(
        told,
        [
            (7000, 2, 6),
            (7000, 4, 6),
            (7000, 2, 6),
            (7000, 5, 6),
            (9900, 1, 6),
            (1000, 6, 6)
        ]
    );
    let of_questions = scores[0]
        .standing(Table::Of(Category::HoiDap))
        .expect("ranked");
    assert_eq!(
        (of_questions.overall.place, of_questions.overall.of),
        (2, 5)
    );
}
