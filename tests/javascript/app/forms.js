// The forms to sign up and to sign in. `asked` are the labels of what the former asks for besides the password; the first
// is what people sign in with.
export function forms(main, asked, { signUp, signIn, fail }) {
  const [name] = asked

  function form(labels, action, submit) {
    const made = element('form')
    for (const text of labels) {
      const label = element('label', `${text} `)
      label.append(Object.assign(element('input'), { name: text, type: text === 'Password' ? 'password' : 'text' }))
      made.append(label)
    }
    made.append(element('button', action))
    made.onsubmit = (event) => {
      event.preventDefault()
      const { Email: email, Password: password, [name]: username } = Object.fromEntries(new FormData(made))
      submit({ username, email, password }).catch(fail)
    }
    return made
  }

  async function join(values) {
    await signUp(values)
    main.replaceChildren(element('h1', 'Thank you'))
  }

  const toSignUp = element('button', 'Create account')
  toSignUp.onclick = () => {
    main.replaceChildren(element('h1', 'Create account'), form([...asked, 'Password'], 'Sign up', join))
  }
  main.replaceChildren(element('h1', 'Please sign in'), form([name, 'Password'], 'Sign in', signIn), toSignUp)
}

export function element(name, text = '') {
  return Object.assign(document.createElement(name), { textContent: text })
}
