use super::*;

/// A letter a state, in the order of [`State::ALL`].
const LETTERS: &str = "DSERPATOCUXZ";

fn letter(state: State) -> char {
    let at = State::ALL.iter().position(|one| *one == state);
    LETTERS
        .chars()
        .nth(at.expect("among all"))
        .expect("a letter")
}

/// What `act` makes of every state, a letter each, or a dot where it is refused.
fn row(act: Act, who: Who, rules: Rules) -> String {
    State::ALL
        .into_iter()
        .map(|state| step(state, act, &who, &rules).map_or('.', letter))
        .collect()
}

fn author() -> Who {
    Who {
        is_own: true,
        ..Who::default()
    }
}

fn editor() -> Who {
    Who {
        powers: Powers {
            edits: true,
            returns: true,
            proposes: true,
            ..Powers::default()
        },
        ..Who::default()
    }
}

fn approver() -> Who {
    Who {
        powers: Powers::ALL,
        ..Who::default()
    }
}

const ALONE: Rules = Rules {
    self_approval: true,
};
const TWO: Rules = Rules {
    self_approval: false,
};
const NEVER: &str = "............";

#[test]
fn every_act_in_every_state_does_what_the_table_says() {
    use Act::*;
    let of_an_author = [
        (Save, "DSEREEEDDDD."),
        (Submit, "S.SS.....SS."),
        (Return, NEVER),
        (Propose, NEVER),
        (Approve, NEVER),
        (Schedule, NEVER),
        (Unschedule, NEVER),
        (Publish, NEVER),
        (Correct, NEVER),
        (Unpublish, NEVER),
        (Recall, "DSERPATXXUXZ"),
        (Reinstate, "..........T."),
        (Archive, "Z..Z.....ZZ."),
        (Unarchive, "...........D"),
    ];
    let of_an_editor = [
        (Save, "DEEREEEDDDD."),
        (Submit, "S.SS.....SS."),
        (Return, ".RR.RRR....."),
        (Propose, ".PP........."),
        (Approve, NEVER),
        (Schedule, NEVER),
        (Unschedule, NEVER),
        (Publish, NEVER),
        (Correct, NEVER),
        (Unpublish, NEVER),
        (Recall, "DSERPATXXUXZ"),
        (Reinstate, "..........T."),
        (Archive, "Z..Z.....ZZ."),
        (Unarchive, "...........D"),
    ];
    let of_an_approver = [
        (Save, "DEERPEEDDDD."),
        (Submit, "S.SS.....SS."),
        (Return, ".RR.RRR....."),
        (Propose, ".PP........."),
        (Approve, ".AA.A......."),
        (Schedule, ".....TT....."),
        (Unschedule, "......A....."),
        (Publish, ".....OO....."),
        (Correct, ".....CC....."),
        (Unpublish, NEVER),
        (Recall, "DSERPATXXUXZ"),
        (Reinstate, "..........T."),
        (Archive, "Z..Z.....ZZ."),
        (Unarchive, "...........D"),
    ];
    for (name, who, table) in [
        ("author", author(), of_an_author),
        ("editor", editor(), of_an_editor),
        ("approver", approver(), of_an_approver),
    ] {
        assert_eq!(table.map(|(act, _)| act), Act::ALL, "{name}: every act");
        for (act, expected) in table {
            assert_eq!(row(act, who, TWO), expected, "{name} {act:?}");
        }
    }
}

#[test]
fn nobody_approves_their_own_text_unless_nobody_else_could() {
    let own = Who {
        is_own: true,
        ..approver()
    };
    assert_eq!(row(Act::Approve, own, TWO), NEVER);
    assert_eq!(
        step(State::Submitted, Act::Approve, &own, &TWO),
        Err(Refusal::OwnText)
    );
    assert_eq!(row(Act::Approve, own, ALONE), "AAAAA....AA.");
    assert_eq!(
        row(Act::Approve, author(), ALONE),
        NEVER,
        "it takes the right"
    );
    for (accounts, may) in [(0, true), (1, true), (2, false), (9, false)] {
        assert_eq!(Rules::of(accounts).self_approval, may, "{accounts}");
    }
    assert!(is_self_approval(State::Submitted, &own));
    assert!(is_self_approval(State::Draft, &approver()));
    assert!(!is_self_approval(State::Submitted, &approver()));
}

#[test]
fn what_is_public_can_be_taken_back_in_whatever_state_its_next_revision_is() {
    let who = Who {
        is_public: true,
        ..approver()
    };
    assert_eq!(row(Act::Unpublish, who, TWO), "UUUUUUUUUUU.");
    assert_eq!(row(Act::Archive, who, TWO), NEVER);
    let author = Who {
        is_public: true,
        ..author()
    };
    assert_eq!(row(Act::Unpublish, author, TWO), NEVER);
}

#[test]
fn no_way_leads_to_the_public_past_an_approval() {
    // Whatever two people without the right do, in whatever order, nothing is published.
    let mut reached = vec![State::Draft];
    let mut at = 0;
    while let Some(state) = reached.get(at).copied() {
        at += 1;
        for who in [
            author(),
            editor(),
            Who {
                is_own: true,
                ..editor()
            },
        ] {
            for act in Act::ALL {
                for rules in [ALONE, TWO] {
                    if let Ok(next) = step(state, act, &who, &rules)
                        && !reached.contains(&next)
                    {
                        reached.push(next);
                    }
                }
            }
        }
    }
    for state in [
        State::Approved,
        State::Scheduled,
        State::Published,
        State::Corrected,
    ] {
        assert!(!reached.contains(&state), "{state:?}");
    }
    // And only what is approved becomes public, whoever it is.
    let all = Who {
        is_own: false,
        is_public: true,
        ..approver()
    };
    for state in State::ALL {
        let may = step(state, Act::Publish, &all, &ALONE).is_ok();
        assert_eq!(
            may,
            matches!(state, State::Approved | State::Scheduled),
            "{state:?}"
        );
    }
}

#[test]
fn the_main_button_is_what_comes_next() {
    use Act::*;
    let own = Who {
        is_own: true,
        ..approver()
    };
    for (state, who, rules, expected) in [
        (State::Draft, author(), TWO, &[Submit, Save, Archive][..]),
        (State::Draft, own, TWO, &[Submit, Save, Archive]),
        (State::Draft, own, ALONE, &[Approve, Save, Archive]),
        (State::Submitted, author(), TWO, &[Save]),
        (State::Submitted, editor(), TWO, &[Propose, Save, Return]),
        (State::Submitted, approver(), TWO, &[Approve, Save, Return]),
        (State::InEdit, author(), TWO, &[Submit, Save]),
        (State::PendingApproval, editor(), TWO, &[Save, Return]),
        (
            State::PendingApproval,
            approver(),
            TWO,
            &[Approve, Save, Return],
        ),
        (State::Returned, author(), TWO, &[Submit, Save, Archive]),
        (
            State::Approved,
            approver(),
            TWO,
            &[Publish, Schedule, Save, Return],
        ),
        (
            State::Scheduled,
            approver(),
            TWO,
            &[Schedule, Publish, Unschedule, Save, Return],
        ),
        (State::Published, author(), TWO, &[Submit, Save]),
        (State::Published, own, ALONE, &[Approve, Save]),
        (State::Archived, author(), TWO, &[Unarchive]),
    ] {
        assert_eq!(offers(state, &who, &rules), expected, "{state:?}");
    }
}

#[test]
fn names_come_back_and_are_told_in_plain_words() {
    for state in State::ALL {
        assert_eq!(State::parse(state.as_str()), Some(state));
        assert!(!state.label().is_empty());
    }
    for act in Act::ALL {
        assert_eq!(Act::parse(act.as_str()), Some(act));
    }
    assert_eq!(State::parse("writing"), None);
}
