// 🚚 no newline at the end
fn(state => state)