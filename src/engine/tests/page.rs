//! What records say of the page that they were made on.

use super::*;

fn pages(allowed: &[&str]) -> Vec<String> {
    let mut lab = Lab::with(|config| {
        config.allow_query_keys = allowed.iter().map(|key| (*key).to_owned()).collect();
    });
    lab.log("where it started");
    lab.tell(Input::Navigated("https://app.example/u/42?user=ann@example.com&tab=2&token=abcdef#top"));
    lab.log("where it went");
    let page = |text: &str| {
        let (_, rest) = text.split_once(r#""page":""#).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    lab.engine.waiting().into_iter().map(page).collect()
}

#[test]
fn of_a_query_stays_nothing_but_what_the_app_allows() {
    assert_eq!(pages(&[]), ["https://app.example/quiz", "https://app.example/u/[id]"]);
    assert_eq!(pages(&["tab"]), ["https://app.example/quiz", "https://app.example/u/[id]?tab=2"]);
}

#[test]
fn a_secret_under_an_allowed_key_goes() {
    assert_eq!(
        pages(&["user", "token"]),
        ["https://app.example/quiz?user=ann", "https://app.example/u/[id]?user=[email]&token=[redacted]",]
    );
}

#[test]
fn the_option_takes_a_list_of_texts() {
    let endpoint = ("endpoint".to_owned(), Given::Text("/t".to_owned()));
    let check =
        |given| Config::from_given(Given::Map(vec![endpoint.clone(), ("allowQueryKeys".to_owned(), given)]));
    let tab = Given::List(vec![Given::Text("tab".to_owned())]);
    assert_eq!(check(tab).unwrap().allow_query_keys, ["tab"]);
    let error = check(Given::Text("tab".to_owned())).unwrap_err().to_string();
    assert_eq!(error, "config.allowQueryKeys takes a list of strings, got 'tab'");
}
