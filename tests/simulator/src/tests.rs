use super::{Config, Life, Sabotage, live};

/// Seeds that once failed.
const KNOWN: &str = include_str!("seeds.txt");

fn known() -> Vec<u64> {
    KNOWN
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect()
}

fn assert_well(seed: u64) -> Life {
    let life = live(Config::of(seed));
    if let Some(violation) = &life.violation {
        panic!(
            "seed {seed}: {violation}\n\
             cargo run -p simulator -- --seed {seed} --trace"
        );
    }
    life
}

#[test]
fn seeds_that_once_failed_do_not_fail_again() {
    assert!(!known().is_empty());
    for seed in known() {
        assert_well(seed);
    }
}

#[test]
fn a_hundred_broken_provinces_lose_nothing_and_agree_in_the_end() {
    let (mut said, mut faults) = (0, 0);
    for seed in 1_001..1_101 {
        let life = assert_well(seed);
        said += life.said;
        faults += life.faults;
    }
    assert!(said > 1_000 && faults > 100, "something has to happen");
}

#[test]
fn a_seed_lives_the_same_life_again() {
    let lives = [7, 7].map(|seed| live(Config::of(seed)));
    let [one, other] = lives.map(|life| format!("{life:?}"));
    assert_eq!(one, other);
}

/// What breaks on purpose is noticed, or the checks check nothing.
#[test]
fn every_sabotage_is_noticed() {
    for sabotage in Sabotage::ALL {
        let noticed = (1..=400).find_map(|seed| {
            let config = Config {
                sabotage: Some(sabotage),
                members: Some(3),
                ..Config::of(seed)
            };
            live(config).violation.map(|violation| (seed, violation))
        });
        let (seed, violation) = noticed.unwrap_or_else(|| panic!("nobody notices {sabotage:?}"));
        println!("{sabotage:?}: seed {seed}: {violation}");
    }
}
