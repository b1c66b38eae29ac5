//! What stands under a key of a context.

use std::borrow::Cow;

use beaconry_protocol::{ContextWriter, Number};

use super::host;

/// A value of a context: text, a number, `true` or `false`, a list of them, or nothing.
///
/// Apps do not name it: `.with("questions", 10)` takes whatever becomes one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Nothing,
    Bool(bool),
    Number(Number<'static>),
    Text(Cow<'static, str>),
    List(Vec<Value>),
}

impl Value {
    pub(super) fn write(&self, writer: &mut ContextWriter<'_>) {
        match &self.0 {
            Kind::Nothing => writer.null(),
            Kind::Bool(value) => writer.boolean(*value),
            Kind::Number(number) => writer.number(number),
            Kind::Text(text) => writer.string(text),
            Kind::List(list) => write_list(list, writer),
        }
    }
}

fn write_list(list: &[Value], writer: &mut ContextWriter<'_>) {
    if !writer.open_array() {
        return;
    }
    let mut rest = list.iter();
    while let Some(value) = rest.next() {
        if !writer.item() {
            writer.leave_out(rest.len() as u64);
            break;
        }
        value.write(writer);
    }
    writer.close();
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(Kind::Text(Cow::Owned(text.to_owned())))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(Kind::Text(Cow::Owned(text)))
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self(Kind::Text(Cow::Owned(text.into_owned())))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self(Kind::Bool(value))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self(Kind::Number(Number::from(value)))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        let size = Number::from(value.unsigned_abs());
        if value >= 0 {
            return Self(Kind::Number(size));
        }
        Self(Number::from_text(["-", size.as_str()].concat()).map_or(Kind::Nothing, Kind::Number))
    }
}

/// What JSON has no number for (NaN, infinity) is written as nothing.
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        let number = value.is_finite().then(|| host::number(value)).flatten();
        Self(number.map_or(Kind::Nothing, Kind::Number))
    }
}

impl From<f32> for Value {
    fn from(value: f32) -> Self {
        Self::from(f64::from(value))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Kind::Nothing), Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Self {
        Self(Kind::List(list.into_iter().map(Into::into).collect()))
    }
}

/// Whole numbers of every other size.
macro_rules! whole {
    ($($small:ty => $wide:ty),*) => {
        $(impl From<$small> for Value {
            fn from(value: $small) -> Self {
                Self::from(value as $wide)
            }
        })*
    };
}

whole!(u8 => u64, u16 => u64, u32 => u64, usize => u64, i8 => i64, i16 => i64, i32 => i64, isize => i64);
