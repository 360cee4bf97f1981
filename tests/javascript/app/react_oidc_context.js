// It keeps the session where the library does by default: in session storage.
import { createElement, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { AuthProvider, useAuth } from 'react-oidc-context'
import { oidcSettings, session } from './oidc_client_ts.js'

export async function open(settings, show) {
  function Account() {
    const auth = useAuth()
    useEffect(() => {
      if (auth.isLoading) return
      if (auth.error) throw auth.error
      show(auth.isAuthenticated && session(auth.user), {
        refresh: () => auth.signinSilent(),
        signOut: () => auth.removeUser(),
      })
    }, [auth])
    return null
  }

  createRoot(document.createElement('div')).render(
    createElement(AuthProvider, oidcSettings(settings), createElement(Account)),
  )
}
