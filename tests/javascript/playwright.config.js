// Playwright's configuration for several recipes at once, each with a folder, variables and options of its own. What
// the configuration of a recipe says stays as it is. Added is what the machine needs, and a header that tells the
// server of the tests which app to show.
const projects = []
for (const { name, environ, app, options } of JSON.parse(process.env.RECIPES)) {
  Object.assign(process.env, environ)
  const { default: config } = await import(`./${name}/playwright.config.js`)
  const full = (project) => (project ? `${name}, ${project}` : name)
  for (const project of config.projects ?? [{}]) {
    projects.push({
      ...project,
      name: full(project.name),
      dependencies: project.dependencies?.map(full),
      testDir: name,
      use: {
        ...config.use,
        ...project.use,
        ...options,
        launchOptions: JSON.parse(process.env.LAUNCH),
        extraHTTPHeaders: { 'X-App': JSON.stringify(app) },
      },
    })
  }
}

export default {
  projects,
  reporter: [['json'], ['html', { open: 'never' }]],
  timeout: 20_000,
  workers: 1,
}
