//! What browsers send, made once: records of all common types, encoded by the client's own code.

use std::borrow::Cow;

use beaconry_protocol::{Body, Context, ContextWriter, Level, Number, Record, Scope, Severity, User, hex};

/// Records as they stand in a batch, each without its `{"seq":…,`.
#[derive(Debug)]
pub(crate) struct Samples(Vec<String>);

impl Samples {
    /// As many different ones as a busy app has, in the proportions of one.
    pub(crate) fn new(timestamp: u64) -> Self {
        let record = |at: u64| {
            let record = Record {
                seq: None,
                timestamp: timestamp + at,
                page: Some(Cow::Owned(format!("https://app.example/quiz/{}", at % 12))),
                body: body(at),
                context: context(at),
            };
            record.encode().split_off(1)
        };
        Self((0..COUNT).map(record).collect())
    }

    /// The one that comes at this place.
    pub(crate) fn at(&self, place: u64) -> &str {
        let index = place % COUNT;
        self.0.get(usize::try_from(index).unwrap_or_default()).map_or("", String::as_str)
    }
}

/// The scope of one of the sessions.
pub(crate) fn scope(session: u64) -> String {
    let scope = Scope {
        session_id: Some(Cow::Owned(id::<16>(session))),
        release: Some("1.4.0".into()),
        environment: Some("production".into()),
        user_agent: Some(USER_AGENT.into()),
        platform: Some("Linux x86_64".into()),
        language: Some("en-GB".into()),
        device_type: Some("desktop".into()),
        viewport: Some("1280x720".into()),
        region: None,
        user: User {
            id: session.is_multiple_of(2).then(|| Cow::Owned(id::<16>(session % 5_000))),
            anonymous_id: Some(Cow::Owned(id::<16>(session ^ 1 << 40))),
        },
    };
    scope.encode()
}

/// Six logs, four traces, three metrics, three events, two vitals and two errors in twenty.
fn body(at: u64) -> Body<'static> {
    match at % 20 {
        0 | 3 | 6 | 9 | 12 | 15 => Body::Log {
            level: [Level::Info, Level::Warn, Level::Debug][usize::from(at % 3 == 1)],
            message: format!("answer {at} of the quiz was stored after {} tries", at % 7).into(),
        },
        1 | 7 | 11 | 17 => Body::Trace {
            name: format!("GET /api/questions/{}", at % 9).into(),
            duration: number(&format!("{}.25", at % 900)),
            trace_id: id::<16>(at).into(),
            span_id: id::<8>(at).into(),
            parent_span_id: Some(id::<8>(at + 1).into()),
            kind: Some("client".into()),
            status: Some("ok".into()),
        },
        2 | 8 | 14 => Body::Metric {
            name: format!("quiz.score.{}", at % 11).into(),
            value: number(&format!("0.{}", at % 89 + 10)),
            unit: Some("ratio".into()),
        },
        4 | 10 | 16 => Body::Event {
            name: ["page_view", "quiz_started", "quiz_finished", "action"][(at / 2 % 4) as usize].into(),
            action: Some("submit".into()),
            duration: Some(Number::from(at % 10_000)),
        },
        5 | 13 => Body::Vital {
            name: ["LCP", "INP", "CLS", "FCP", "TTFB"][(at % 5) as usize].into(),
            value: number(&format!("{}.5", 200 + at % 3_000)),
            delta: Some(Number::from(12)),
            rating: Some("good".into()),
            navigation_type: Some("navigate".into()),
            attribution: None,
        },
        _ => Body::Error {
            error_type: "TypeError".into(),
            message: format!("Cannot read properties of undefined (reading 'id{}')", at % 30).into(),
            stack: Some(stack(at).into()),
            severity: Severity::Error,
            handled: at.is_multiple_of(2),
            component_stack: None,
        },
    }
}

fn context(at: u64) -> Option<Context> {
    let mut writer = ContextWriter::new(&[]);
    for (key, value) in [("topic", "Mathematics"), ("difficulty", "hard")] {
        writer.key(key);
        writer.string(value);
    }
    writer.key("attempt");
    writer.number(&Number::from(at % 7));
    writer.finish()
}

fn stack(at: u64) -> String {
    let line =
        |depth| format!("    at play{depth} (https://app.example/assets/quiz-B1x{depth}.js:{at}:{depth})\n");
    let lines: String = (1..9).map(line).collect();
    format!("TypeError: Cannot read properties of undefined\n{lines}")
}

fn number(text: &str) -> Number<'static> {
    Number::from_text(text.to_owned()).unwrap_or_else(|| Number::from(0))
}

/// Hex digits that look random and are the same every time.
fn id<const BYTES: usize>(of: u64) -> String {
    let mixed = of.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = u128::from(mixed) << 64 | u128::from(mixed.rotate_left(29) ^ of);
    hex(&bits.to_be_bytes()[..BYTES])
}

const COUNT: u64 = 500;
const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
