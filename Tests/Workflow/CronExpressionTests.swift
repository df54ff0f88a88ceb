import Testing

@testable import Workflow

@Suite struct CronExpressionTests {
  @Test(arguments: [
    "* * * * *", "0 0 * * *", "*/15 * * * *", "0-30/10 8-18 1,15 * MON-FRI", "5 4 * JAN,dec sun", "0 0 31 12 7",
    "@daily",
    "  0  0 * * 0 ", "59 23 1 1 SAT", "10/5 * * * *",
  ])
  func valid(text: String) {
    #expect(CronExpression.isValid(text))
  }

  @Test(arguments: [
    "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8",
    "*/0 * * * *", "5-1 * * * *", ", * * * *", "1, * * * *", "1-2-3 * * * *", "-1 * * * *", "a * * * *", "MON * * * *",
    "* * * MON *", "*/ * * * *", "*/x * * * *", "1/2/3 * * * *", "@never", "99999999999999999999 * * * *", "٣ * * * *",
    "+1 * * * *", "1.5 * * * *", "** * * * *",
  ])
  func invalid(text: String) {
    #expect(!CronExpression.isValid(text))
  }
}
