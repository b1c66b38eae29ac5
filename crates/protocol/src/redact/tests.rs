//! What goes, what stays, and the promises about any text.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(redact_text(text), *expected, "{text}");
        assert_eq!(redact_text(expected), *expected, "again");
    }
}

#[track_caller]
fn stay(texts: &[&str]) {
    for text in texts {
        assert!(matches!(redact_text(text), Cow::Borrowed(same) if same == *text), "{text}");
    }
}

#[test]
fn addresses_go() {
    check(&[
        ("ann@example.com", "[email]"),
        ("<Ann.Lee+shop@mail.example.co.uk>, bob", "<[email]>, bob"),
        ("mailto:jörg@müller.de.", "mailto:[email]."),
        ("/users/ann%40example.com/edit", "/users/[email]/edit"),
        ("联系support@example.com", "联系[email]"),
        ("a@b.cd@e.fg", "[email]@e.fg"),
        ("mail 1@163.com", "mail [email]"),
    ]);
    stay(&[
        "play@https://app.example/quiz.js:10:5",
        "node_modules/react@18.2.0/index.js",
        "preact@10.5.0-rc.next",
        "logo@2x.png",
        "@media screen",
        "user@localhost",
        "@ann",
        "a @ b.cd",
        "x@",
        "@",
    ]);
}

#[test]
fn tokens_go() {
    check(&[
        ("Bearer abcdef123456", "Bearer [token]"),
        ("sent bearer  mF_9.B5f-4.1JqM/+==, got 401", "sent bearer  [token], got 401"),
        ("Basic dXNlcjpwYXNzd29yZA== was refused", "Basic [token] was refused"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!", "jwt [token]!"),
        ("/verify/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln/now", "/verify/[token]/now"),
        ("key sk_live_4eC39HqLyjWDarjtT1zdp7dc", "key [token]"),
        ("old-AKIAIOSFODNN7EXAMPLE", "old-[token]"),
        (
            "POST https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX 404",
            "POST https://hooks.slack.com/[token] 404",
        ),
        (
            r#""https:\/\/hooks.slack.com\/services\/T00000000\/B00000000\/XXXXXXXXXXXXXXXXXXXXXXXX\n""#,
            r#""https:\/\/hooks.slack.com\/[token]\n""#,
        ),
        (
            "https%3A%2F%2Fhooks.slack.com%2Fservices%2FT00000000%2FB00000000%2FXXXXXXXXXXXXXXXXXXXXXXXX",
            "https%3A%2F%2Fhooks.slack.com%2F[token]",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nrest", "[redacted]\nrest"),
        ("k=\"-----BEGIN PRIVATE KEY-----\nMIIEow", "k=\"[redacted]"),
    ]);
    stay(&[
        "the bearer of news, Bearer token missing, bearer authentication failed",
        "Basic knowledge, Basic JavaScript, basic HTML",
        "eyJust a word, eyJhbGciOiJIUzI1NiJ9",
        "sk-fading-circle-with-dots sk-learn",
        "npm_config_registry_of_this_project",
        "-----",
    ]);
}

#[test]
fn cards_go() {
    check(&[
        ("4111111111111111", "[card]"),
        ("visa 4111 1111 1111 1111.", "visa [card]."),
        ("(5555-5555-5555-4444)", "([card])"),
        ("3782 822463 10005, 378282246310005", "[card], [card]"),
        ("3056 930902 5904", "[card]"),
        ("4222222222222", "[card]"),
        ("6011000990139424/3530111333300000", "[card]/[card]"),
        ("12 4111 1111 1111 1111 20", "12 [card] 20"),
        ("card-4111111111111111_x", "card-[card]_x"),
        ("号4111111111111111", "号[card]"),
        ("4111111111111111-4111111111111111", "[card]-[card]"),
    ]);
    stay(&[
        "4111111111111112",
        "0.4111111111111111",
        "4111111111111111.5",
        "a4111111111111111 4111111111111111b 54111111111111111",
        "1234567812345670",
        "79927398713",
        "41 11111111111111",
        "4111 1111-1111 1111",
        "1766361600000 1766361600000123",
        "6ba7b810-4111-1111-1111-111111111111",
    ]);
}

#[test]
fn values_of_sensitive_keys_go() {
    check(&[
        ("password=hunter2&user=ann", "password=[redacted]&user=ann"),
        ("login(password=hunter2)", "login(password=[redacted])"),
        ("Password : hunter2, user: ann", "Password : [redacted], user: ann"),
        (r#"{"user":"ann","password":"hun\"ter2","n":1}"#, r#"{"user":"ann","password":"[redacted]","n":1}"#),
        (r#"{\"apiKey\": \"abc\", \"n\":1}"#, r#"{\"apiKey\": \"[redacted]\", \"n\":1}"#),
        ("{'token': 'abc def'} ", "{'token': '[redacted]'} "),
        ("secret => `abc`", "secret => `[redacted]`"),
        ("if (password === \"hunter2\")", "if (password === \"[redacted]\")"),
        ("user[password]=hunter2", "user[password]=[redacted]"),
        ("headers['X-Api-Key'] = \"abc\"", "headers['X-Api-Key'] = \"[redacted]\""),
        ("Authorization: Digest username=\"x\"\nHost: h", "Authorization: [redacted]\"x\"\nHost: h"),
        ("Cookie: a=b; c=d\nHost: h", "Cookie: [redacted]\nHost: h"),
        ("address: 12 Main Street, Springfield", "address: [redacted]"),
        ("auth: Bearer abc of ann", "auth: [redacted] of ann"),
        ("card: 4111 1111 1111 1112 x", "card: [redacted] x"),
        ("my API key: abc, sort key: abc", "my API key: [redacted], sort key: abc"),
        (r#""address":{"street":"}","n":[1]},"x":1"#, r#""address":[redacted],"x":1"#),
        ("token: {abc\nat f (x.js:1:2)", "token: [redacted]\nat f (x.js:1:2)"),
        ("token: <abc>", "token: [redacted]>"),
        ("pin:1234", "pin:[redacted]"),
        ("user.pin:1234", "user.pin:[redacted]"),
        ("mysql --password hunter2 -u ann", "mysql --password [redacted] -u ann"),
        ("--api-key 'a b' --token --x", "--api-key '[redacted]' --token --x"),
        ("--password\thunter2", "--password\t[redacted]"),
        ("spawnargs: [ '--password', 'hunter2' ]", "spawnargs: [ '--password', '[redacted]' ]"),
        ("\"--password\" \"hunter2\"", "\"--password\" \"[redacted]\""),
        ("?cmd mysql+--password+hunter2", "?cmd mysql+--password+[redacted]"),
        ("-token-sk_live_4eC39HqLyjWDarjtT1zdp7dc now", "-token-[token] now"),
        ("user%5Bpassword%5D=hunter2&x=1", "user%5Bpassword%5D=[redacted]&x=1"),
        ("{%27password%27%3A%27hunter2%27}", "{%27password%27%3A[redacted]}"),
        ("/run/mysql%20--password%20hunter2?", "/run/mysql%20--password%20[redacted]"),
        ("/run%20--api-key%20'hunter2'%20x", "/run%20--api-key%20'[redacted]'%20x"),
        ("/login%3Fpin%3D12345&x=1", "/login%3Fpin%3D[redacted]&x=1"),
        ("%7B%22password%22%3A%22hunter2%22%7D", "%7B%22password%22%3A[redacted]"),
        ("100%token=abcd", "100%token=[redacted]"),
        ("%257B%2522password%2522%253A%2522hunter2%2522%257D", "%257B%2522password%2522%25[redacted]"),
        ("/mysql%20--password%C2%A0hunter2/", "/mysql%20--password%C2%A0[redacted]"),
        ("--password\nhunter2\n-u\nann", "--password\n[redacted]\n-u\nann"),
        ("--password\r\nhunter2\r\n", "--password\r\n[redacted]\r\n"),
        ("--password\u{a0}hunter2", "--password\u{a0}[redacted]"),
        ("password%20%3D%20x", "password%20%3D[redacted]"),
        ("password \t\u{a0}=\thunter2", "password \t\u{a0}=\t[redacted]"),
        (
            r"https:\/\/prod-12.logic.azure.com\/workflows\/1\/invoke?sv=1.0\u0026sig=hunter2x",
            r"https:\/\/prod-12.logic.azure.com\/workflows\/1\/invoke?sv=[redacted]\u0026sig=[redacted]",
        ),
        (
            "logic.azure.com%2Fworkflows%2F1%3Fsv%3D1.0%26sig%3Dhunter2x",
            "logic.azure.com%2Fworkflows%2F1%3Fsv%3D1.0%26sig%3D[redacted]",
        ),
    ]);
    stay(&[
        "at login (https://app.example/auth.js:10:5)",
        "file:///app/token.ts:33",
        ".card:hover > .address:nth-child(2)",
        "auth::login: failed",
        "WHERE email = $1 AND token=?",
        "password=",
        "password=&x=1",
        "token:",
        "monkey: banana",
        "a = b == c",
        "https://token://",
        "--token",
        "--password -u ann",
        "--password%20-u%20ann",
        "--password\n-u\nann",
        "--password\u{a0}",
        "bad option --token\n    at f (x.js:1:2)",
        "%25token, %2522x%2522%253A1",
        "x22=5, 25%=abc",
        "design: signed, signal=abc",
        "[ '--token', 5 ]",
        "page%3D2%26sort%3Dname",
        "/webhooks/stripe/1",
        r"\/webhooks\/stripe\/1",
        "%2Fwebhooks%2F6ba7b810-9dad-11d1-80b4-00c04fd430c8%2Fretry",
    ]);
}

#[test]
fn what_a_url_says_of_its_user_goes() {
    check(&[
        ("https://ann:secret@h.example/x", "https://[redacted]@h.example/x"),
        ("redis://:secret@127.0.0.1:6379/0 is down", "redis://[redacted]@127.0.0.1:6379/0 is down"),
        ("GET https://h/x?q=ann lee", "GET https://h/x?q=[redacted] lee"),
        (
            "'https://h/x?a=1&b[]=2&&c#frag' ok",
            "'https://h/x?a=[redacted]&b[]=[redacted]&&[redacted]#[redacted]' ok",
        ),
        ("https://h/x?ann", "https://h/x?[redacted]"),
        ("/x?q=ann#part", "/x?q=[redacted]#part"),
        ("at f (https://h/a.js?v=12:10:5)", "at f (https://h/a.js?v=[redacted]:10:5)"),
        ("/cb#access_token=abc&x=1", "/cb#access_token=[redacted]&x=1"),
    ]);
    stay(&[
        "what?",
        "a ? b = c",
        "x?.y=1",
        "(?=x)",
        "# title",
        "http://127.0.0.1:7460/api",
        "https://h/@ann",
    ]);
}

#[test]
fn a_page_keeps_the_query_that_was_left_in_it() {
    assert_eq!(
        page_within("https://h/x?tab=1&email=x.y.z&a=2#top", 100),
        "https://h/x?tab=1&email=[redacted]&a=2#top"
    );
    assert_eq!(page_within("/u/ann@example.com", 100), "/u/[email]");
}

#[test]
fn a_secret_across_the_cut_leaves_nothing() {
    let text = format!("{} ann.lee@example.com", "x".repeat(90));
    for max_bytes in 0..text.len() {
        let cut = within(&text, max_bytes);
        assert!(cut.len() <= max_bytes.max(8) && !cut.contains("ann"), "{cut}");
    }
    let long = format!("token=abc {}", "ü".repeat(10_000));
    assert_eq!(within(&long, 30), "token=[redacted] üü…[cut]");
}

/// Bytes that were looked at.
fn steps(text: &str) -> usize {
    let mut redactor = Redactor::new(text, false);
    redactor.scan(usize::MAX);
    redactor.steps.get()
}

#[test]
fn the_work_grows_with_the_length_whatever_is_in_the_text() {
    let hostile = [
        "a",
        ".",
        "-",
        " ",
        "é",
        "@",
        "a@",
        "a.a@a.",
        "a@b.cd",
        "%40",
        ":",
        "=",
        "token:",
        "token:{",
        "token:\"",
        "token='",
        "\"token\":{",
        "\"token\":\"\\",
        "token: 1 ",
        "address:",
        "\\",
        "\"",
        "[",
        "{\"",
        "token=[",
        "://",
        "https://a@",
        "https://a?",
        "?",
        "&",
        "?a=",
        "?a",
        "a?b[",
        "#",
        "https://#",
        ":1:1",
        "https://h?:1:1",
        "1",
        "4111 ",
        "4111-",
        "webhook/",
        "webhook/A1/",
        "webhook/A1 ",
        "webhook\\/",
        "webhook\\",
        "webhook\\/A1\\/",
        "webhook%2FA1",
        "%252525",
        "%2522=",
        "25%22=",
        "token \t\u{a0}",
        "token%20",
        " =",
        "%20%3D",
        "--token\n",
        "--token\u{a0}",
        "hooks.slack/",
        "--token ",
        "--token '",
        "'--token'",
        "--token%20",
        "%3D",
        "%22%3D",
        "token%3D",
        "4111111111111111 ",
        "sk-",
        "sk_live_",
        "eyJ-",
        "eyJ.",
        "eyJaaaaaaaaaa.",
        "bearer ",
        "basic a",
        "-----BEGIN",
        "-----BEGIN-----END",
        "a b:",
        "api key:",
        "\n",
        "token:{\n",
        "\"token\":{\n",
        "token:\"\n",
        "x]=",
        "[token]=",
        "漢字@",
        "a-",
        "Bearer-",
    ];
    for part in hostile {
        let once = steps(&part.repeat(2_000 / part.len()));
        let ten_times = steps(&part.repeat(20_000 / part.len()));
        assert!(ten_times <= once * 11 + 1_000, "{part:?}: {once} then {ten_times}");
        assert!(ten_times <= 20_000 * MOST_LOOKS_A_BYTE, "{part:?}: {ten_times}");
    }
}

/// A colon looks back over a key, and further for the word before it.
const MOST_LOOKS_A_BYTE: usize = 80;

/// Texts that are full of what secrets are made of.
fn hostile_text() -> impl Strategy<Value = String> {
    let parts = proptest::sample::select(vec![
        "password",
        "token",
        "\"token\"",
        "API",
        "key",
        "Cookie",
        "address",
        "auth.js",
        "user",
        "card",
        "Bearer",
        "basic",
        "eyJhbGciOiJIUzI1NiJ9",
        "dXNlcjpwYXNz",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN",
        "-----END",
        "-----",
        "4111111111111111",
        "4111",
        "1111",
        "ann",
        "example.com",
        "://",
        "https://h",
        "[redacted]",
        "[email]",
        "[card]",
        "[token]",
        "=",
        "==",
        ":",
        "::",
        ": ",
        " = ",
        "@",
        "%40",
        "%5B",
        "%2522",
        "%253D",
        "%20",
        "--token",
        "hooks.slack.com",
        "webhook",
        "%2F",
        "\\/",
        "T00000000B00000000XXXXXXXXXXXXXXXXXXXXXXXX",
        "?",
        "&",
        "#",
        "?a=",
        "&b=",
        "/",
        ".",
        ",",
        ";",
        "-",
        "_",
        " ",
        "  ",
        "\n",
        "\t",
        "\"",
        "'",
        "`",
        "\\",
        "\\\"",
        "\\n",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        ":10:5",
        "1",
        "a",
        "Z",
        "ü",
        "漢",
        "\u{0}",
        "\u{a0}",
        "=>",
        "hover",
    ]);
    proptest::collection::vec(parts, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_second_time_changes_nothing_more(text in hostile_text()) {
        let once = redact_text(&text).into_owned();
        prop_assert_eq!(redact_text(&once), once.as_str(), "{}", text);
        let page = page_within(&text, usize::MAX).into_owned();
        prop_assert_eq!(page_within(&page, usize::MAX), page.as_str(), "{}", text);
    }

    #[test]
    fn any_text_is_taken(text in any::<String>(), max_bytes in 0usize..200) {
        let once = redact_text(&text).into_owned();
        prop_assert_eq!(redact_text(&once), once.as_str());
        prop_assert!(within(&text, max_bytes).len() <= max_bytes.max(8));
    }
}
