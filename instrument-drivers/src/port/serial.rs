//! Serial ports by the `serialport` crate. On pseudo-terminals parity and hand shake are best effort.

use std::io::{self, Read, Write};
use std::time::Duration;

use serialport::{DataBits, FlowControl, SerialPort, StopBits};

use super::config::{Flow, Parity, SerialConfig};
use super::line::Line;

/// Opens a port exclusively.
pub fn open(config: &SerialConfig) -> io::Result<Box<dyn Line>> {
    let data_bits = match config.data_bits {
        5 => DataBits::Five,
        6 => DataBits::Six,
        7 => DataBits::Seven,
        _ => DataBits::Eight,
    };
    let parity = match config.parity {
        Parity::None => serialport::Parity::None,
        Parity::Even => serialport::Parity::Even,
        Parity::Odd => serialport::Parity::Odd,
    };
    let flow = match config.flow {
        Flow::None => FlowControl::None,
        Flow::Software => FlowControl::Software,
        Flow::Hardware => FlowControl::Hardware,
    };
    let port = serialport::new(&config.path, config.baud)
        .data_bits(data_bits)
        .parity(parity)
        .stop_bits(if config.stop_bits == 2 { StopBits::Two } else { StopBits::One })
        .flow_control(flow)
        .timeout(Duration::from_millis(50))
        .open()?;
    Ok(Box::new(Serial { port }))
}

/// Any open serial port as a line, also one half of a pseudo-terminal pair.
pub struct Serial {
    pub port: Box<dyn SerialPort>,
}

impl Line for Serial {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if self.port.timeout() != timeout {
            self.port.set_timeout(timeout)?;
        }
        match self.port.read(buffer) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the serial port was closed")),
            Ok(count) => Ok(count),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::TimedOut | io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                ) =>
            {
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A device that does not take a byte for 5 s is gone.
        self.port.set_timeout(Duration::from_secs(5))?;
        self.port.write_all(bytes)
    }
}
