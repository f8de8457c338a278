import fc from "fast-check";
import { expect, it } from "vitest";
import { parseGithubCommand } from "./github-command.fixture.ts";
import { type GithubAnnotation, githubCommand } from "./github-command.ts";

it("writes a command as the runner reads it", () => {
  expect(
    githubCommand({
      level: "warning",
      file: "deploy/a,b.yaml",
      line: 3,
      column: 7,
      title: "opens: shop/db",
      message: "100% open\r\nto all: yes, all",
    }),
  ).toBe(
    "::warning file=deploy/a%2Cb.yaml,line=3,col=7,title=opens%3A shop/db::100%25 open%0D%0Ato all: yes, all",
  );
  expect(githubCommand({ level: "notice", title: "t", message: "m" })).toBe("::notice title=t::m");
});

it("comes back from a reader of commands as it was, whatever the texts", () => {
  const texts = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("::", "%25", "a=b,c", "\n::error::x", "%"),
  );
  const annotations: fc.Arbitrary<GithubAnnotation> = fc.record(
    {
      level: fc.constantFrom("error", "warning", "notice"),
      file: texts,
      line: fc.nat(),
      column: fc.nat(),
      title: texts,
      message: fc.string(),
    },
    { requiredKeys: ["level", "title", "message"] },
  );
  fc.assert(
    fc.property(annotations, (annotation) => {
      const command = githubCommand(annotation);
      expect(command).not.toMatch(/[\r\n]/);
      expect(parseGithubCommand(command)).toEqual(annotation);
    }),
  );
});
