//! The scores reckoned again, from what is exported and by nothing of the program: another way to the same figures.

use serde_json::Value;
use std::collections::BTreeMap;

/// A fraction in lowest terms matters to nobody; its parts are kept apart.
type Ratio = (i128, i128);

/// Hundredths of what is written as points.
fn hundredths(points: &Value) -> i128 {
    let text = points.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "0"));
    let rest = format!("{rest:0<2}");
    whole.parse::<i128>().expect("a number") * 100 + rest[..2].parse::<i128>().expect("places")
}

fn inputs_of(member: &Value) -> BTreeMap<String, i128> {
    let mut inputs: BTreeMap<String, i128> = BTreeMap::new();
    for (name, value) in member["inputs"].as_object().expect("inputs") {
        inputs.insert(name.clone(), value.as_i64().expect("whole").into());
    }
    for one in member["adjustments"].as_array().into_iter().flatten() {
        let name = one["input"].as_str().expect("a name").to_owned();
        *inputs.entry(name).or_insert(0) += i128::from(one["delta"].as_i64().expect("whole"));
    }
    inputs
}

/// Everything about one member that is compared.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Again {
    pub(super) lines: Vec<(String, i128, i128)>,
    pub(super) total: i128,
    pub(super) class: String,
    pub(super) is_void: bool,
    pub(super) tables: BTreeMap<String, (i128, u64, u64, u64, u64)>,
}

/// What the document says itself.
pub(super) fn as_told(document: &Value) -> Vec<Again> {
    let scores = document["scores"].as_array().expect("scores");
    let told = scores.iter().map(|score| Again {
        lines: score["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| {
                let code = line["code"].as_str().expect("a code").to_owned();
                (
                    code,
                    hundredths(&line["worth"]),
                    hundredths(&line["points"]),
                )
            })
            .collect(),
        total: hundredths(&score["total"]),
        class: score["class"].as_str().expect("a class").to_owned(),
        is_void: score["is_void"] == true,
        tables: score["standings"]
            .as_array()
            .expect("standings")
            .iter()
            .map(|one| {
                let number = |of: &str, what: &str| one[of][what].as_u64().expect("a number");
                let places = (
                    hundredths(&one["points"]),
                    number("overall", "place"),
                    number("overall", "of"),
                    number("in_group", "place"),
                    number("in_group", "of"),
                );
                (one["table"].as_str().expect("a table").to_owned(), places)
            })
            .collect(),
    });
    told.collect()
}

/// What follows from numbers and scheme alone.
pub(super) fn reckoned(document: &Value) -> Vec<Again> {
    let scheme = &document["scheme"];
    let indicators = scheme["indicator"].as_array().expect("indicators");
    let members = document["members"].as_array().expect("members");
    let months = i128::from(document["months"].as_u64().expect("months"));
    let inputs: Vec<_> = members.iter().map(inputs_of).collect();
    let groups: Vec<&str> = members
        .iter()
        .map(|member| member["group"].as_str().expect("a group"))
        .collect();
    let fractions: Vec<Vec<Option<Ratio>>> = (0..members.len())
        .map(|one| {
            let of = |indicator| fraction(scheme, months, indicator, one, &inputs, &groups);
            indicators.iter().map(of).collect()
        })
        .collect();
    let mut all: Vec<Again> = fractions
        .iter()
        .zip(&inputs)
        .map(|(fractions, inputs)| one(scheme, indicators, fractions, inputs))
        .collect();
    let tables: [(&str, &str); 5] = [
        ("tong", ""),
        ("hoi-dap", "hoi_dap"),
        ("tin-bai", "tin_bai"),
        ("van-ban", "van_ban"),
        ("ky-thuat", "ky_thuat"),
    ];
    for (table, category) in tables {
        let ties: Vec<usize> = scheme["ties"]
            .as_array()
            .expect("ties")
            .iter()
            .map(|code| {
                indicators
                    .iter()
                    .position(|one| one["code"] == *code)
                    .expect("known")
            })
            .collect();
        let points: Vec<Option<i128>> = (0..all.len())
            .map(|one| points_in(&all[one], indicators, &fractions[one], category))
            .collect();
        // A place is one more than how many are better; counted, not sorted.
        let beats = |other: usize, one: usize| {
            let by_points = points[other].cmp(&points[one]);
            let order = ties.iter().fold(by_points, |order, tie| {
                order.then_with(|| match (fractions[other][*tie], fractions[one][*tie]) {
                    (Some((a, b)), Some((c, d))) => (a * d).cmp(&(c * b)),
                    (other, one) => other.is_some().cmp(&one.is_some()),
                })
            });
            order == std::cmp::Ordering::Greater
        };
        for one in 0..all.len() {
            let Some(own) = points[one] else { continue };
            let ranked = |is_in: &dyn Fn(usize) -> bool| {
                let others = (0..points.len()).filter(|other| points[*other].is_some());
                let others: Vec<usize> = others.filter(|other| is_in(*other)).collect();
                let better = others.iter().filter(|other| beats(**other, one)).count();
                (better as u64 + 1, others.len() as u64)
            };
            let (place, of) = ranked(&|_| true);
            let (in_group, of_group) = ranked(&|other| groups[other] == groups[one]);
            all[one]
                .tables
                .insert(table.to_owned(), (own, place, of, in_group, of_group));
        }
    }
    all
}

fn fraction(
    scheme: &Value,
    months: i128,
    indicator: &Value,
    one: usize,
    inputs: &[BTreeMap<String, i128>],
    groups: &[&str],
) -> Option<Ratio> {
    let measure = &indicator["measure"];
    let known = |who: usize, name: &Value| inputs[who].get(name.as_str()?).map(|v| (*v).max(0));
    let sum = |names: &Value| -> i128 {
        let names = names.as_array().expect("names");
        names.iter().filter_map(|name| known(one, name)).sum()
    };
    let bounded = |number: i128, of: i128| (of > 0).then(|| (number.clamp(0, of), of));
    match measure["kind"].as_str().expect("a kind") {
        "share" => bounded(sum(&measure["done"]), sum(&measure["of"])),
        "quota" => {
            let group = scheme["group"].as_array().expect("groups").iter();
            let group = group
                .clone()
                .find(|group| group["code"] == groups[one])
                .expect("its group");
            let quota = &group["quotas"][measure["quota"].as_str().expect("which")];
            let wanted = i128::from(quota.as_u64().expect("a number")) * months * 100;
            let counted = measure["count"].as_object().expect("what is counted");
            let parts: Vec<i128> = counted
                .iter()
                .filter_map(|(name, percent)| {
                    let value = inputs[one].get(name)?;
                    Some((*value).max(0) * i128::from(percent.as_u64()?))
                })
                .collect();
            (!parts.is_empty())
                .then(|| bounded(parts.iter().sum(), wanted))
                .flatten()
        }
        "deduct" => {
            if measure["needs"].is_string() && known(one, &measure["needs"]).unwrap_or(0) == 0 {
                return None;
            }
            let all = hundredths(&indicator["points"]);
            let each = measure["each"].as_object().expect("what costs");
            let lost: i128 = each
                .iter()
                .map(|(name, points)| {
                    inputs[one].get(name).copied().unwrap_or(0).max(0) * hundredths(points)
                })
                .sum();
            bounded(all - lost, all)
        }
        "percentile" => {
            let value = |who: usize| -> Option<Ratio> {
                let value = known(who, &measure["value"])?;
                match measure["per"].is_string() {
                    true => known(who, &measure["per"])
                        .filter(|per| *per > 0)
                        .map(|per| (value, per)),
                    false => Some((value, 1)),
                }
            };
            let (own, per) = value(one)?;
            let cohort = (0..inputs.len()).filter(|who| groups[*who] == groups[one]);
            let cohort: Vec<Ratio> = cohort.filter_map(value).collect();
            let no_better = cohort
                .iter()
                .filter(|(other, of)| match measure["better"] == "more" {
                    true => other * per <= own * of,
                    false => other * per >= own * of,
                });
            bounded(no_better.count() as i128, cohort.len() as i128)
        }
        _ => None,
    }
}

/// To the nearest, halves upwards.
fn rounded(number: i128, of: i128) -> i128 {
    (number * 2 + of).div_euclid(of * 2)
}

fn one(
    scheme: &Value,
    indicators: &[Value],
    fractions: &[Option<Ratio>],
    inputs: &BTreeMap<String, i128>,
) -> Again {
    let points: Vec<i128> = indicators
        .iter()
        .zip(fractions)
        .map(|(one, fraction)| fraction.map_or(0, |_| hundredths(&one["points"])))
        .collect();
    let measured: i128 = points.iter().sum();
    let mut worths = vec![0; points.len()];
    if measured > 0 {
        // One hundredth after the other goes to whom most of one is still owed.
        for (worth, points) in worths.iter_mut().zip(&points) {
            *worth = points * 10_000 / measured;
        }
        let mut owed: Vec<i128> = points
            .iter()
            .map(|points| points * 10_000 % measured)
            .collect();
        while worths.iter().sum::<i128>() < 10_000 {
            let most = *owed.iter().max().expect("some");
            let next = owed
                .iter()
                .position(|one| *one == most)
                .expect("it is there");
            worths[next] += 1;
            owed[next] = -1;
        }
    }
    let lines: Vec<(String, i128, i128)> = indicators
        .iter()
        .zip(fractions.iter().zip(&worths))
        .map(|(indicator, (fraction, worth))| {
            let points = fraction.map_or(0, |(number, of)| rounded(worth * number, of));
            (
                indicator["code"].as_str().expect("a code").to_owned(),
                *worth,
                points,
            )
        })
        .collect();
    let count = |name: &Value| {
        let name = name.as_str().expect("a name");
        inputs.get(name).copied().unwrap_or(0).max(0)
    };
    let mut lost = 0;
    let mut is_void = false;
    for penalty in scheme["penalty"].as_array().into_iter().flatten() {
        let times = count(&penalty["input"]);
        let cost = hundredths(&penalty["each"]) * times;
        lost += match penalty["cap"].is_number() {
            true => cost.min(hundredths(&penalty["cap"])),
            false => cost,
        };
        is_void |= penalty["zero"] == true && times > 0;
    }
    let given: i128 = scheme["bonus"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|bonus| hundredths(&bonus["each"]) * count(&bonus["input"]))
        .sum();
    let sum: i128 = lines.iter().map(|line| line.2).sum();
    let sum = sum + given.min(hundredths(&scheme["bonus_cap"])) - lost;
    let total = if is_void { 0 } else { sum.clamp(0, 10_000) };
    let classes = scheme["class"].as_array().expect("classes");
    let class = classes
        .iter()
        .find(|class| total >= hundredths(&class["from"]));
    Again {
        lines,
        total,
        class: class.expect("a class")["name"]
            .as_str()
            .expect("a name")
            .to_owned(),
        is_void,
        tables: BTreeMap::new(),
    }
}

fn points_in(
    again: &Again,
    indicators: &[Value],
    fractions: &[Option<Ratio>],
    category: &str,
) -> Option<i128> {
    let mut reached = 0;
    let mut worth = 0;
    for ((indicator, fraction), line) in indicators.iter().zip(fractions).zip(&again.lines) {
        if fraction.is_some() && (category.is_empty() || indicator["category"] == category) {
            worth += line.1;
            reached += line.2;
        }
    }
    match (worth, category) {
        (0, _) => None,
        (_, "") => Some(again.total),
        _ if again.is_void => Some(0),
        _ => Some(rounded(reached * 10_000, worth)),
    }
}
