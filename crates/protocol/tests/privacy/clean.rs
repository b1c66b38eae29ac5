//! Texts that look like secrets to a careless eye, and are none.

use std::borrow::Cow;

use beaconry_protocol::redact_text;

use crate::check_file;
use crate::dice::{DIGITS, Dice, HEX, base64_of};

#[test]
fn of_clean_texts_one_in_a_hundred_is_touched_at_most() {
    let lines = clean();
    check_file("clean.txt", &lines);
    let touched: Vec<_> = lines.iter().filter(|line| matches!(redact_text(line), Cow::Owned(_))).collect();
    println!("{} of {} clean texts are touched: {touched:#?}", touched.len(), lines.len());
    assert!(lines.len() >= 1_000 && touched.len() * 100 <= lines.len(), "{touched:#?}");
}

fn clean() -> Vec<String> {
    let mut dice = Dice(7);
    let mut lines: Vec<String> = (0..ROUNDS).flat_map(|round| round_of(&mut dice, round)).collect();
    lines.extend(WRITTEN.iter().map(|line| (*line).to_owned()));
    lines
}

fn round_of(dice: &mut Dice, round: usize) -> Vec<String> {
    let number = dice.below(100_000);
    // Order numbers of any length that pass the check of cards, those of 13 to 19 digits too.
    let first = (1 + dice.below(9)).to_string();
    let order = dice.luhn(&first, 8 + round % 12);
    let year = format!("20{:02}", round % 40);
    let date = format!("{year}-{:02}-{:02}", 1 + round % 12, 1 + round % 28);
    vec![
        dice.uuid(),
        format!("record {} was stored", dice.uuid().to_uppercase()),
        dice.some(HEX, 64),
        format!("commit {}", dice.some(HEX, 40)),
        format!("index-{}.js:{number}:{}", dice.some(HEX, 8), round),
        format!("order ORD-{year}-{order}"),
        format!("Bestellung {order}"),
        dice.base64(20 + round),
        format!("data:image/png;base64,{}", dice.base64(60)),
        base64_of(&format!("{{\"round\":{round},\"n\":{number}}}")),
        format!("{date}T{:02}:{:02}:{:02}.{:03}Z", round % 24, round % 60, number % 60, round),
        format!("took {number} ms, 17663616{:05}, 1766361600{:06}", number, number),
        format!("+49 30 {} is not a card", dice.some(DIGITS, 8)),
        [(); 6].map(|()| dice.some(HEX, 2)).join(":"),
        format!("{}.{:05}, -{}.{:05}", round % 90, number, round, number),
        format!("quiz@{}.{}.{}-rc.{}", round % 5, round % 7, number, round),
        format!(
            "    at play (https://app.example/assets/auth-{}.js:{}:{number})",
            dice.some(HEX, 8),
            round + 1
        ),
        format!("play@https://app.example/token.js:{}:{number}", round + 1),
        format!("日本語のメッセージ{number}、漢字とかな。🦀"),
        format!("رسالة بالعربية رقم {number} 👍"),
    ]
}

const ROUNDS: usize = 50;

const WRITTEN: [&str; 55] = [
    "TypeError: Cannot read properties of undefined (reading 'id')",
    "SyntaxError: Unexpected token < in JSON at position 0",
    "ReferenceError: Can't find variable: quiz",
    "TypeError: undefined is not an object (evaluating 'a.b.c')",
    "    at Object.<anonymous> (webpack-internal:///./src/index.tsx:10:5)",
    "    at async Promise.all (index 0)",
    "    at login (file:///app/src/password.ts:33)",
    "global code@https://app.example/cookie.js:1:1",
    "[native code]",
    "main > .card:hover, #card:focus, .address:nth-child(2) > img",
    "a[href^=\"https://\"]::after",
    "input[type=checkbox]:checked + label",
    "div.email:not(.sent)",
    "SELECT id, name FROM users WHERE email = $1 AND token=? LIMIT 10",
    "UPDATE orders SET state = 'paid' WHERE id IN (?, ?, ?)",
    "INSERT INTO t (a, b) VALUES (1, 'x') ON CONFLICT DO NOTHING",
    "^1.2.3 || >=2.0.0-rc.1 <3.0.0",
    "v1.4.0+build.20260102",
    "react-dom@18.2.0/umd/react-dom.production.min.js",
    "https://cdn.example/npm/vue@3.4.21/dist/vue.global.js",
    "logo@2x.png 1280x720",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
    "the bearer of bad news",
    "Bearer token missing",
    "Basic knowledge of JavaScript",
    "password reset mail sent",
    "the token expired 3 times",
    "quiz started: Math, 10 questions",
    "GET https://app.example/api/quizzes/recent 503 (Service Unavailable)",
    "http://127.0.0.1:5173/quiz is slow: 2450 ms",
    "ratio 16:9, 4:3 at 10:30",
    "a = b == c ? d : e",
    "x?.y?.z ?? 0",
    "key: value, sortKey: name, author: Ann, monkey: banana",
    "@media (min-width: 640px) { .a { color: #fff } }",
    "const { data } = await fetch('/api/quiz')",
    "Lighthouse score 0.98, LCP 1250.5, CLS 0.001",
    "C:\\Users\\quiz\\app.exe --port=7460",
    "npm install --save-dev typescript -D",
    "color: var(--token-color); display: -webkit-box",
    "POST /api/webhooks/6ba7b810-9dad-11d1-80b4-00c04fd430c8/retry 503",
    "https%3A%2F%2Fapp.example%2Fquiz%3Fpage%3D2%26sort%3Dname",
    "100%token, 50%3D",
    "https:\\/\\/app.example\\/api\\/webhooks\\/6ba7b810-9dad-11d1-80b4-00c04fd430c8\\/retry",
    "https%253A%252F%252Fapp.example%252Fwebhooks%252Fretry%253Fpage%253D2",
    "unknown option --password\u{a0}",
    "SIGTERM sig 15, signature of f is wrong, design = flat",
    "Passwords \u{a0}are asked for, page%20%3D%202",
    "25%22 of all, 22 = 22, x%2522y",
    "0x7ffee4c8a9b0 0b1010 1e-7 6.02214076e23",
    "1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144",
    "978-3-16-148410-0 ISBN, 4006381333931 EAN",
    "192.168.0.1 fe80::1ff:fe23:4567:890a",
    "€ 1.234,56 – 50 % “quoted” …",
];
