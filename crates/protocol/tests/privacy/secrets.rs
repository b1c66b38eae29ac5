//! A thousand secrets of many kinds, all made up.

use crate::check_file;
use crate::dice::{BASE62, DIGITS, Dice, HEX, LETTERS, UPPER, URL64, base64_of};

/// A secret in a text.
pub(crate) struct Planted {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    pub(crate) secret: String,
}

/// The corpus.
pub(crate) fn secrets() -> Vec<Planted> {
    let mut dice = Dice(2026);
    (0..ROUNDS).flat_map(|round| round_of(&mut dice, round)).collect()
}

#[test]
fn the_corpus_is_a_thousand_lines_of_three_columns() {
    let lines: Vec<_> = secrets()
        .iter()
        .map(|planted| format!("{}\t{}\t{}", planted.kind, planted.text, planted.secret))
        .collect();
    assert!(lines.len() >= 1_000, "{}", lines.len());
    for line in &lines {
        let columns: Vec<_> = line.split('\t').collect();
        assert!(
            columns.len() == 3 && columns[1].contains(columns[2]) && !line.contains(['\n', '\r']),
            "{line}"
        );
    }
    check_file("secrets.txt", &lines);
}

fn round_of(dice: &mut Dice, round: usize) -> Vec<Planted> {
    let mut all = Vec::new();
    let mut plant = |kind, secret: &str, around: &str| {
        let text = around.replace("{}", secret);
        all.push(Planted { kind, text, secret: secret.to_owned() });
    };
    let name = dice.pick(&["ann", "bob.lee", "carla_m", "d+shop", "erik-jan", "jörg", "f2"]).to_owned();
    let host =
        dice.pick(&["example.com", "mail.example.org", "example.co.uk", "müller.example", "163.example"]);
    let email = format!("{name}{}@{host}", dice.below(1_000));
    plant(
        "email",
        &email,
        pick(round, &["{}", "mail to {} failed", "<{}>", "mailto:{}?", "用户{}登录", "user={},"]),
    );
    plant("email", &email.replace('@', "%40"), pick(round, &["/users/{}/edit", "user {}"]));
    let opaque = dice.some(BASE62, 12 + round % 30) + "7";
    plant(
        "bearer",
        &opaque,
        pick(round, &["Bearer {}", "sent bearer {}, got 401", "'Bearer {}'", "auth: Bearer {}"]),
    );
    plant(
        "authorization",
        &opaque,
        pick(round, &["Authorization: Bearer {}", "\"authorization\":\"{}\"", "Authorization: {}"]),
    );
    let login = base64_of(&format!("{name}:{}", dice.some(BASE62, 12)));
    plant(
        "basic",
        &login,
        pick(round, &["Basic {}", "Authorization: Basic {}", "header 'basic {}' was refused"]),
    );
    let jwt = format!("eyJ{}.eyJ{}.{}", dice.some(URL64, 17), dice.some(URL64, 40), dice.some(URL64, 43));
    plant("jwt", &jwt, pick(round, &["{}", "jwt {}", "/verify/{}/now", "{\"t\":\"{}\"}", "expired ({})"]));
    let (brand, digits) = [
        ("4", 16),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("37", 15),
        ("34", 15),
        ("6011", 16),
        ("65", 16),
        ("36", 14),
        ("3530", 16),
        ("62", 19),
        ("4", 13),
        ("4", 19),
    ][round % 13];
    let card = dice.luhn(brand, digits);
    plant(
        "card",
        &card,
        pick(round, &["{}", "card {} declined", "paid with {}.", "({})", "卡号{}", "n={}&"]),
    );
    let spaced = grouped(&card, if round.is_multiple_of(2) { ' ' } else { '-' });
    plant("card", &spaced, pick(round, &["{}", "card {} declined", "12 {}", "\"{}\""]));
    let word = dice.some(LETTERS, 5) + &dice.some(BASE62, 6) + dice.pick(&["!", "$", "#1", "*", "ß", ""]);
    plant(
        "password",
        &word,
        pick(
            round,
            &[
                "password={}",
                "login(password={})",
                "password: {}",
                "Passwort: {}, user: x",
                "\"password\":\"{}\"",
                "{\"user\":{\"pwd\":\"{}\",\"n\":1}}",
                "{\\\"userPassword\\\":\\\"{}\\\"}",
                "password='{}' x",
                "user[password]={}&x=1",
                "DB_PASSWORD={}",
                "passwd => '{}'",
                "if (password === \"{}\")",
            ],
        ),
    );
    plant(
        "key",
        &dice.some(HEX, 32),
        pick(
            round,
            &[
                "api_key={}",
                "apiKey: {}",
                "X-Api-Key: {}",
                "\"client_secret\": \"{}\"",
                "my API key: {}",
                "accesstoken={}",
                "csrfToken:{}",
                "secret_key = {}",
            ],
        ),
    );
    let prefix = [
        "sk_live_",
        "sk_test_",
        "rk_live_",
        "AKIA",
        "AIza",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "npm_",
        "SG.",
        "whsec_",
        "hf_",
        "sk-proj-",
        "shpat_",
        "ya29.",
        "shpss_",
        "glsa_",
        "hvs.",
        "dop_v1_",
        "figd_",
    ];
    let prefix = prefix[round % prefix.len()];
    let service = if prefix == "AKIA" {
        format!("AKIA{}7", dice.some(UPPER, 15))
    } else {
        format!("{prefix}{}4Q", dice.some(BASE62, 34))
    };
    plant("service", &service, pick(round, &["{}", "key {} is wrong", "old-{}", "/hooks/{}/x", "(\"{}\")"]));
    let pem = dice.base64(48);
    let kind = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"][round % 4];
    plant("pem", &pem, &format!("-----BEGIN {kind}-----\\n{{}}\\n-----END {kind}-----"));
    plant(
        "userinfo",
        &word.replace('#', ""),
        pick(
            round,
            &["https://ann:{}@h.example/x", "redis://:{}@127.0.0.1:6379/0 is down", "postgres://u:{}@db/x"],
        ),
    );
    plant(
        "query",
        &dice.some(BASE62, 9),
        pick(
            round,
            &[
                "GET https://h.example/x?q={} 404",
                "/search?name={}&page=2",
                "https://h.example/?{}",
                "https://h.example/cb#{}",
                "(https://h.example/a.js?v={}:10:5)",
                "/cb#access_token={}",
            ],
        ),
    );
    plant(
        "cookie",
        &dice.some(BASE62, 20),
        pick(
            round,
            &[
                "Cookie: theme=dark; sid={}",
                "Set-Cookie: sid={}; Path=/",
                "\"cookie\":\"a=b; sid={}\"",
                "theme=dark; connect.sid=s%3A{}.x; n=1",
                "PHPSESSID={}",
                "sessionid={}; theme=dark",
                "\"JSESSIONID\":\"{}\"",
            ],
        ),
    );
    plant(
        "option",
        &dice.some(BASE62, 11),
        pick(
            round,
            &[
                "mysql --password {}",
                "deploy --token {} --env x",
                "run --api-key '{}'",
                "go -db-password \"{}\" h",
                "/runs/mysql%20--password%20{}",
                "mysql --password\u{a0}{}",
            ],
        ),
    );
    plant(
        "encoded",
        &dice.some(BASE62, 11),
        pick(
            round,
            &[
                "password%3D{}",
                "/cb/user%3Dann%26pin%3d{}",
                "%7B%22password%22%3A%22{}%22%7D",
                "to https%3A%2F%2Fh.example%2F%3Fapi_key%3D{}",
                "secret%253D{}",
                "%257B%2522password%2522%253A%2522{}%2522%257D",
                "password%20%3D%20{}",
                "https:\\/\\/prod-12.logic.azure.com\\/workflows\\/1\\/invoke?sv=1.0\\u0026sig={}",
                "logic.azure.com%2Fworkflows%2F1%2Finvoke%3Fsv%3D1.0%26sig%3D{}",
            ],
        ),
    );
    let (team, bot, key) = (dice.some(UPPER, 8), dice.some(UPPER, 10), dice.some(BASE62, 24));
    let hook = match round % 3 {
        0 => format!("https://hooks.slack.com/services/T{team}/B{bot}/{key}"),
        1 => format!(
            "https://discord.com/api/webhooks/{}/{key}{}",
            dice.some(DIGITS, 18),
            dice.some(URL64, 44)
        ),
        _ => format!("https://x.webhook.office.com/webhookb2/{0}@{0}/IncomingWebhook/{key}/{0}", dice.uuid()),
    };
    // As it is, in JSON, in the query of another URL.
    let hook = match round / 3 % 3 {
        0 => hook,
        1 => hook.replace('/', "\\/"),
        _ => hook.replace(':', "%3A").replace('/', "%2F"),
    };
    plant(
        "webhook",
        &key,
        &pick(round, &["{}", "POST {} 404", "(\"{}\")", "to '{}'"]).replace("{}", &hook.replace(&key, "{}")),
    );
    let phone = format!("+49 30 {}", dice.some(DIGITS, 7));
    plant(
        "phone",
        &phone,
        pick(round, &["phone: {}", "\"phoneNumber\":\"{}\"", "Phone={}&x", "phone number: {}"]),
    );
    let street = format!("{} Main Street, Springfield", 1 + dice.below(999));
    plant(
        "address",
        &street,
        pick(
            round,
            &["address: {}", "\"address\":{\"street\":\"{}\"}", "\"homeAddress\":\"{}\"", "address=[\"{}\"]"],
        ),
    );
    let ssn = format!("{}-{}-{}", dice.some(DIGITS, 3), dice.some(DIGITS, 2), dice.some(DIGITS, 4));
    plant("ssn", &ssn, pick(round, &["ssn: {}", "ssn={}", "\"ssn\":\"{}\""]));
    plant(
        "iban",
        &format!("DE{} NWBK {}", dice.some(DIGITS, 2), dice.some(DIGITS, 4)),
        pick(round, &["IBAN: {}", "\"iban\":\"{}\""]),
    );
    plant(
        "pin",
        &format!("8{}", dice.some(DIGITS, 9)),
        pick(round, &["pin: {}", "otp={}", "\"cvv\":{}}", "pin:{}", "passcode: {}"]),
    );
    all
}

fn pick<'a>(round: usize, list: &[&'a str]) -> &'a str {
    list[round % list.len()]
}

/// A card's digits in its groups.
fn grouped(digits: &str, separator: char) -> String {
    let ends: &[usize] = if digits.len() < 16 && digits.len() > 13 { &[4, 10] } else { &[4, 8, 12, 16] };
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if ends.contains(&at) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Each has one secret of every kind.
const ROUNDS: usize = 54;
